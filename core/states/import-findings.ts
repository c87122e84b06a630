import type { ImportFindingsInput, ImportFindingsOutput, ImportProgress } from '../contract/messages.ts';
import type { Consumption, FailureCause, FindingsImport, RunSummary } from '../contract/run.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { consumptionOfInvocations, invocationUse } from '../cost/invocation-use.ts';
import { importTransitions } from '../cost/transitions.ts';
import { limited } from '../export/exported-run.ts';
import { pushFindings, type PushResult } from '../export/push-findings.ts';
import { readRunVersion, writeRun } from '../objects/stored-runs.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { PreconditionFailed } from '../ports/store.ts';
import { importInWords } from '../report/security-hub.ts';
import { allFindingsOf } from '../summary/findings/run-findings.ts';

/**
 * No call starts when less time is left. A call that is throttled to the end waits up to two minutes, and a call without
 * an answer is repeated for up to 90 seconds.
 */
const RESERVE_MS = 240_000;
/** The same as for the errors of states. */
const MESSAGE_LENGTH = 200;

/**
 * Imports the findings of a run that has ended into the Security Hub of the account and Region of the audit. An invocation
 * stops in time; the next one continues where it stopped. Only findings of the run are imported, so a run of some accounts or
 * principals changes no finding of others. The result is written into `run.json`. The run has released its claim, so this
 * is done with a condition.
 * @throws AwsFault, StoreError, DamagedObject
 */
export async function importFindings(
  { runId, accountId, progress }: ImportFindingsInput,
  services: Services,
  invocation: Invocation,
): Promise<ImportFindingsOutput> {
  const { store, clock, region, findingImporter, warn } = services;
  if (findingImporter === undefined || region === undefined) {
    throw new Error('Only the deployed function imports findings: the services have no Security Hub.');
  }
  const startedAt = clock.now();
  const stored = await readRunVersion(store, runId);
  if (stored === null) throw new Error(`Run ${runId} has no run.json.`);
  const result = await pushFindings(
    { run: stored.run, findings: allFindingsOf(store, stored.run) },
    { accountId, region },
    findingImporter,
    services,
    { from: progress?.next ?? 0, hasTime: () => invocation.remainingMs() > RESERVE_MS },
  );
  for (const { id, code, message } of result.refusals) warn(`Security Hub refused finding ${id}: ${code}: ${message}`);
  const counts = addCounts(progress?.counts ?? { imported: 0, refused: 0, ofOtherAccounts: 0 }, result);
  const refusal = progress?.refusal ?? firstRefusal(result);
  const used = (pendingPuts: number): Consumption =>
    addUse(progress?.used ?? null, invocationUse(invocation, clock.now() - startedAt, { puts: pendingPuts }));
  if (result.next !== null) {
    const further: ImportProgress = { next: result.next, counts, refusal, used: used(0) };
    return { status: 'UNFINISHED', progress: further, addition: '', problem: null };
  }
  if (counts.ofOtherAccounts > 0) {
    warn(
      `${counts.ofOtherAccounts} findings of other accounts were not imported: Security Hub takes findings only from the account that they are about.`,
    );
  }
  await record(stored, counts, used(1), services);
  return {
    status: 'FINISHED',
    progress: null,
    addition: `\n\n${importInWords(counts)}`,
    problem: refusal === null ? null : refusedProblem(counts, refusal),
  };
}

const addCounts = (before: FindingsImport, { imported, refused, ofOtherAccounts }: PushResult): FindingsImport => ({
  imported: before.imported + imported,
  refused: before.refused + refused,
  ofOtherAccounts: before.ofOtherAccounts + ofOtherAccounts,
});

function firstRefusal({ refusals: [first] }: PushResult): FailureCause | null {
  return first === undefined
    ? null
    : { code: first.code, message: limited(`${first.id}: ${first.message}`, MESSAGE_LENGTH) };
}

const refusedProblem = ({ imported, refused }: FindingsImport, { code, message }: FailureCause): FailureCause => ({
  code,
  message: `${refused} of ${imported + refused} findings were refused. The first: ${message}`,
});

function addUse(before: Consumption | null, use: ReturnType<typeof invocationUse>): Consumption {
  const own = consumptionOfInvocations([use], 0);
  if (before === null) return own;
  return {
    megabyteMs: before.megabyteMs + own.megabyteMs,
    invocations: before.invocations + own.invocations,
    transitions: 0,
    puts: before.puts + own.puts,
    gets: before.gets + own.gets,
  };
}

/** Adds the result and its cost to the run's summary. */
async function record(
  { run, etag }: { readonly run: RunSummary; readonly etag: string },
  counts: FindingsImport,
  used: Consumption,
  { store, warn }: Services,
): Promise<void> {
  // A retry finds the result of the attempt before it, and the cost in the sum already.
  if (run.securityHub !== undefined) return;
  const transitions = importTransitions(used.invocations, counts.refused > 0);
  const cost = addCost(run.cost, costOf({ ...used, transitions }));
  try {
    await writeRun(store, { ...run, securityHub: counts, cost }, { ifMatch: etag });
  } catch (error: unknown) {
    if (!(error instanceof PreconditionFailed)) throw error;
    warn(`Run ${run.runId}: run.json was replaced in the meantime, so the import is not recorded. ${error.message}`);
  }
}
