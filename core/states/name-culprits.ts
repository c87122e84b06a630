import type { NameCulpritsInput, NameCulpritsOutput } from '../contract/messages.ts';
import type { Culprits, RunSummary } from '../contract/run.ts';
import { athenaDollars } from '../cost/athena.ts';
import { addCost, costOf } from '../cost/cost.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { culpritsTransitions } from '../cost/transitions.ts';
import { rowOf } from '../doctor/athena-rows.ts';
import { culpritsOf, givenRows } from '../doctor/diagnosis/culprits.ts';
import { DamagedAccounts } from '../objects/damaged-accounts.ts';
import { plannedAccounts, readRunVersion, writeRun } from '../objects/stored-runs.ts';
import { LogQueryError } from '../ports/log-queries.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { PreconditionFailed } from '../ports/store.ts';
import { culpritsAddition } from '../report/notification.ts';
import type { ReportPage } from '../report/page.ts';
import { reportReads } from '../summary/report-reads.ts';
import { readTrend } from '../summary/report/trend.ts';
import { writeReport } from '../summary/report/write-report.ts';
import { storedSummaries } from './account-summaries.ts';

/**
 * Writes into a run's summary and report who used the rate up while its calls were throttled, or why this is not
 * known. The run has released its claim, so `run.json` is written with a condition.
 * @throws StoreError
 */
export async function nameCulprits(
  input: NameCulpritsInput,
  services: Services,
  invocation: Invocation,
  page: ReportPage,
): Promise<NameCulpritsOutput> {
  const { store, clock, warn } = services;
  const { runId } = input;
  const startedAt = clock.now();
  const stored = await readRunVersion(store, runId);
  if (stored === null) throw new Error(`Run ${runId} has no run.json.`);
  const culprits = await culpritsIn(input);
  const accountIds = await plannedAccounts(store, runId);
  const accounts = (await storedSummaries(store, runId, accountIds)).filter((summary) => summary !== null);

  const outcome = (run: RunSummary): NameCulpritsOutput => {
    return { runId, status: run.status, addition: culpritsAddition(run) };
  };
  // A retry finds the culprits of the attempt before it, and the cost in the sum already.
  const run =
    stored.run.culprits === undefined
      ? { ...stored.run, culprits, cost: addCost(stored.run.cost, ownCost(clock.now() - startedAt)) }
      : stored.run;
  try {
    await writeRun(store, run, { ifMatch: stored.etag });
  } catch (error: unknown) {
    if (!(error instanceof PreconditionFailed)) throw error;
    warn(`Run ${runId}: run.json was replaced in the meantime, so its culprits are not written. ${error.message}`);
    return outcome(stored.run);
  }
  const trend = (await readTrend(store, runId, warn)) ?? [];
  await writeReport(store, { run, accounts, damaged: new DamagedAccounts(warn), trend, page, now: clock.now() });
  return outcome(run);

  function ownCost(durationMs: number): RunSummary['cost'] {
    // Still to come: writes of run.json and the report, reads of the trend, of what the report needs and of
    // organization-use.json.
    const hasUse = stored?.run.organization?.use !== undefined;
    const pending = { puts: 2, gets: 1 + reportReads(accounts) + (hasUse ? 1 : 0) };
    const { memoryMegabytes, puts, gets } = invocationUse(invocation, durationMs, pending);
    const transitions = culpritsTransitions(input.scannedBytes.length);
    const consumption = { megabyteMs: durationMs * memoryMegabytes, invocations: 1, transitions, puts, gets };
    return costOf(consumption, athenaDollars(input.scannedBytes));
  }
}

/** The culprits in Athena's answer. An answer that can't be read becomes a note. */
async function culpritsIn({ answer, throttled }: NameCulpritsInput): Promise<Culprits> {
  // The message is cut out of JSON text, so its quotation marks are escaped.
  if ('error' in answer) return unknown(`${answer.error.code}: ${answer.error.message.replaceAll('\\"', '"')}`);
  const [, ...rows] = answer.resultSet.Rows;
  try {
    const columns = answer.resultSet.ResultSetMetadata.ColumnInfo;
    const culprits = await culpritsOf(givenRows(rows.map((row) => rowOf('callers', columns, row))), throttled);
    return answer.isPart ? { ...culprits, note: [culprits.note ?? '', IS_PART].join(' ').trim() } : culprits;
  } catch (error: unknown) {
    if (!(error instanceof LogQueryError)) throw error;
    return unknown(error.message);
  }
}

const IS_PART =
  'The answer has more rows than a run reads, so callers in other accounts may be missing. iam-audit doctor --athena reads all of them.';

const unknown = (reason: string): Culprits => ({
  callers: [],
  note: `It is not known which callers used the rate up. The question could not be answered: ${reason}`,
});
