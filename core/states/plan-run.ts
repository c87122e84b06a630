import * as v from 'valibot';
import type { ExecutionInput } from '../contract/execution-input.ts';
import type { PlanDecision, PlanRunInput, PlanRunOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { Organization } from '../contract/organization.ts';
import { RunSummary, type LambdaLimit } from '../contract/run.ts';
import type { EarlierOrganization } from '../organization/carry-organization.ts';
import { readOrganization } from '../organization/read-organization.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readPace, recentSharedBucketResult } from '../pacing/stored-pace.ts';
import { limitAccountConcurrency } from '../run/account-concurrency.ts';
import { claimRun, RunInProgress, type ClaimResult } from '../run/claim.ts';
import { costOf } from '../cost/cost.ts';
import { emptyCounts, noConsumption } from '../summary/counts.ts';
import { reportedCalls } from '../cost/reported-calls.ts';
import { InvalidInput, parseExecutionInput, scheduledDayOf } from '../run/parse-execution-input.ts';
import { accountsToAudit } from '../run/planned-accounts.ts';
import { runIdOf } from '../run/run-id.ts';
import { sliceMs, startTimes, type RunExtent } from '../run/start-times.ts';
import { copyExceptions } from '../run/copy-exceptions.ts';
import { isWholeScope } from '../objects/whole-scope.ts';
import { latestRunId, readRun } from '../objects/stored-runs.ts';

/** How often a scheduled start that has met a run in progress looks whether it has ended. */
const LOOK_AGAIN_MS = 5 * 60_000;
/** How long a scheduled start waits for another run: the next day's start then takes over. */
const LONGEST_WAIT_MS = 23 * 3_600_000;

/**
 * Claims the run, writes what its organization is, which accounts it audits and that it is running. What may not run
 * now is an answer and no fault, so that it raises no alarm.
 */
export async function planRun(input: PlanRunInput, services: Services, invocation: Invocation): Promise<PlanRunOutput> {
  const runId = await runIdOf(input.execution.name, input.execution.startedAt);
  try {
    return await plan(runId, input, services, invocation);
  } catch (error: unknown) {
    if (!(error instanceof InvalidInput || error instanceof RunInProgress)) throw error;
    return idle(runId, 'REFUSED', { refusal: { code: error.name, message: error.message } });
  }
}

/** The answer where nothing is audited now. */
const idle = (
  runId: string,
  decision: Exclude<PlanDecision, 'AUDIT'>,
  why: Partial<Pick<PlanRunOutput, 'waitUntil' | 'refusal'>> = {},
): PlanRunOutput => ({
  decision,
  runId,
  accountsKey: objects.accounts(runId),
  accounts: 0,
  accountsAtOnce: 1,
  request: null,
  waitUntil: null,
  refusal: null,
  ...why,
});

/** @throws InvalidInput, RunInProgress */
async function plan(
  runId: string,
  input: PlanRunInput,
  services: Services,
  invocation: Invocation,
): Promise<PlanRunOutput> {
  const { store, clock } = services;
  const wanted = parseExecutionInput(input.input);
  const beganAt = input.execution.enteredAt;
  const accounts = await accountsToAudit(wanted, services);
  const resumed = wanted.resume === undefined ? null : await readRun(store, wanted.resume);
  const scheduledDay = scheduledDayOf(wanted, clock.now());
  const claim = await claimOrWait(runId, scheduledDay, wanted, input.execution, services);
  if (claim.kind === 'dayTaken') return idle(runId, 'ALREADY_RUN');
  if (claim.kind === 'wait') return idle(runId, 'WAIT', { waitUntil: new Date(claim.until).toISOString() });
  if (claim.interrupted !== null) {
    await closeInterrupted(store, claim.interrupted, clock.now());
    services.warn(
      `Run ${claim.interrupted} was interrupted. A run with --resume ${claim.interrupted} goes on with it.`,
    );
  }

  const principals = wanted.principals ?? principalsOf(resumed);
  const full = wanted.full === true ? { since: beganAt } : resumed?.full;
  const { extent, lambdaLimit } = await extentOf(accounts.length, wanted, services);
  await copyExceptions(store, runId, wanted.exceptions);
  const calls = await noteOrganization(runId, services, invocation);
  const starts = startTimes(extent, Date.parse(beganAt), clock.now());
  const accountsKey = objects.accounts(runId);
  await store.writeLines(
    accountsKey,
    accounts.map((account, index) =>
      JSON.stringify({ ...account, startAt: new Date(starts[index] ?? clock.now()).toISOString() }),
    ),
  );
  const requests = invocation.storeRequests();
  const running: RunSummary = {
    schemaVersion: 1,
    runId,
    startedAt: beganAt,
    finishedAt: null,
    status: 'RUNNING',
    scope: {
      accounts: wanted.accountIds ?? (wanted.resume === undefined ? 'all' : accounts.map(({ accountId }) => accountId)),
      principals: principals ?? 'all',
    },
    wholeScope: await isWholeScope(store, wanted, resumed),
    ...(resumed === null ? {} : { resumes: resumed.runId }),
    ...(full === undefined ? {} : { full }),
    accounts: [],
    principals: emptyCounts(),
    calls,
    // What planning asked of S3, this object included: SummariseRun adds to it.
    cost: costOf({ ...noConsumption(), puts: requests.puts + 1, gets: requests.gets }),
    ...(lambdaLimit === null ? {} : { lambdaLimit }),
    ...(extent.spreadMs === 0 ? {} : { spread: { minutes: extent.spreadMs / 60_000, tookMinutes: null } }),
  };
  await store.write(objects.run(runId), `${JSON.stringify(running, null, 2)}\n`);
  services.onProgress?.({ kind: 'planned', accounts: accounts.length });
  return {
    decision: 'AUDIT',
    runId,
    accountsKey,
    accounts: accounts.length,
    accountsAtOnce: extent.accountsAtOnce,
    request: {
      principals,
      spreadOverMinutes: wanted.spreadOverMinutes ?? 0,
      sliceMinutes: sliceMs(extent) / 60_000,
      full: full !== undefined,
      fullSince: full?.since ?? null,
    },
    waitUntil: null,
    refusal: null,
  };
}

/**
 * A scheduled start does not give its day up because another run is in progress: it waits for that one's end.
 * @throws RunInProgress for a start by hand, and for one that has waited so long that the next one is due
 */
async function claimOrWait(
  runId: string,
  scheduledDay: string | null,
  { scheduledTime }: ExecutionInput,
  { id, startedAt }: PlanRunInput['execution'],
  { store, executions, clock }: Services,
): Promise<ClaimResult | { readonly kind: 'wait'; readonly until: number }> {
  try {
    return await claimRun(store, { execution: id, runId, scheduledDay }, executions);
  } catch (error: unknown) {
    const until = clock.now() + LOOK_AGAIN_MS;
    const waits =
      error instanceof RunInProgress && scheduledTime !== undefined && until < Date.parse(startedAt) + LONGEST_WAIT_MS;
    if (!waits) throw error;
    return { kind: 'wait', until };
  }
}

/** How many accounts the run has, how many of them are audited at once, and over which window. */
async function extentOf(
  accounts: number,
  { spreadOverMinutes = 0 }: ExecutionInput,
  services: Services,
): Promise<{ extent: RunExtent; lambdaLimit: LambdaLimit | null }> {
  const { settings, clock } = services;
  const sharing = recentSharedBucketResult((await readPace(services, objects.hubPace)).memory, clock.now());
  const { accountsAtOnce, lambdaLimit } = await limitAccountConcurrency(accounts, services);
  const extent: RunExtent = {
    accounts,
    // Pacers that share a bucket without knowing of each other take half as long again: one after another is faster.
    accountsAtOnce: sharing?.shared === true ? 1 : accountsAtOnce,
    spreadMs: spreadOverMinutes * 60_000,
    firstAlone: sharing === null,
  };
  return { extent, lambdaLimit: sharing?.shared === true && settings.accountsAtOnce > 1 ? null : lambdaLimit };
}

/**
 * Writes what the organization says of its accounts, which every one of them reads.
 * @returns what that took of calls
 */
async function noteOrganization(
  runId: string,
  { access, store, clock, random, warn }: Services,
  { remainingMs }: Invocation,
): Promise<RunSummary['calls']> {
  const session = access.organization();
  const patience = { clock, random, remainingMs };
  const before = (): Promise<EarlierOrganization | null> => organizationBefore(store);
  const { organization, waits } = await readOrganization(session.organization, patience, warn, before);
  await store.write(objects.organization(runId), `${JSON.stringify(organization, null, 2)}\n`);
  return reportedCalls(session.calls.work(waits));
}

/** What the last run that came to its end knew of the organization. */
async function organizationBefore(store: ObjectStore): Promise<EarlierOrganization | null> {
  const runId = await latestRunId(store);
  const stored = runId === null ? null : await store.read(objects.organization(runId));
  if (runId === null || stored === null) return null;
  return { runId, organization: v.parse(Organization, JSON.parse(stored.text)) };
}

/** A resumed run covers what the first one was to cover. */
const principalsOf = (run: RunSummary | null): string[] | null =>
  run === null || run.scope.principals === 'all' ? null : run.scope.principals;

/** A run whose execution ended without a summary would read as RUNNING for ever. */
async function closeInterrupted(store: ObjectStore, runId: string, now: number): Promise<void> {
  const stored = await store.read(objects.run(runId));
  if (stored === null) return;
  const run = v.parse(RunSummary, JSON.parse(stored.text));
  if (run.status !== 'RUNNING') return;
  const closed: RunSummary = { ...run, status: 'FAILED', finishedAt: new Date(now).toISOString() };
  await store.write(objects.run(runId), `${JSON.stringify(closed, null, 2)}\n`, { ifMatch: stored.etag });
}
