import type { Estimate, EstimatedAccount } from '../contract/answers/estimate.ts';
import type { ExecutionInput } from '../contract/execution-input.ts';
import { objects } from '../contract/objects.ts';
import type { CallsByOperation, RunSummary } from '../contract/run.ts';
import { readOrganizationOf } from '../objects/stored-organization-use.ts';
import { writeRun } from '../objects/stored-runs.ts';
import { readSharedBucket } from '../pacing/stored-pace.ts';
import { addCalls, noCalls } from '../ports/calls/call-ledger.ts';
import { DAY_MS } from '../ports/clock.ts';
import type { Services } from '../ports/services.ts';
import { scheduleOf } from '../run/run-schedule.ts';
import { runIdOf } from '../run/run-id.ts';
import { sliceMs, startTimes } from '../run/start-times.ts';
import { assumptionsOf } from './assumptions-in-words.ts';
import { sentCalls } from './needs.ts';
import { OverlayStore } from './overlay-store.ts';
import { plan, type Plan, type PlannedAccount } from './plan.ts';
import { addPrincipals, countPrincipals } from './planned-work.ts';
import type { RehearsedAccount } from './rehearsal.ts';
import { rehearseRun, type EstimateTools, type RehearsedNeeds, type RehearsedRun } from './rehearse-run.ts';
import { steadyDay } from './steady-day.ts';
import { writeBatches } from './write-batches.ts';

/** Nothing reads these objects of a plan again, and they are large. */
const DISCARDED = /\/(inventory|policies|carried)\.jsonl$|^tables\//;

/**
 * Estimates what a run needs, today and on a day on which evidence is carried. The inventory is read and the run is planned
 * with the code of a run; then the rest of the run is done in virtual time with an access that sends nothing. Nothing is
 * written to the store.
 * @param givenRate calls per second of each bucket; null: the remembered ones, otherwise the assumed one
 * @throws RunRefused, AwsFault, StoreError
 */
export async function estimateRun(
  input: ExecutionInput,
  services: Services,
  tools: EstimateTools,
  givenRate: number | null,
): Promise<Estimate> {
  // A run in progress does not matter to an estimate.
  const store = new OverlayStore(services.store, {
    hidden: new Set([objects.claim]),
    discards: (key) => DISCARDED.test(key),
  });
  const planned = await plan(input, { ...services, store }, store, givenRate);
  const readable = planned.accounts.filter(({ inventory }) => inventory.error === undefined);
  const today = await rehearseRun(todaysRun(planned, readable), services, store, tools);
  const steady = await rehearseSteadyDay(input, planned, readable, services, store, tools);
  const accounts = planned.accounts.map((account) => estimatedAccount(account, today, steady));
  return {
    schemaVersion: 1,
    basis: 'inventory',
    estimatedAt: new Date(planned.at).toISOString(),
    accounts,
    total: {
      accounts: accounts.length,
      failed: accounts.length - readable.length,
      accountsAtOnce: planned.output.accountsAtOnce,
      principals: addPrincipals(accounts.map(({ principals }) => principals)),
      today: today.total,
      steadyDay: steady.total,
    },
    sent: sentCalls(addCalls([callsOfPlan(planned.run), ...planned.accounts.map(({ inventory }) => inventory.calls)])),
    assumptions: assumptionsOf(accounts, services.settings, planned.output.ofOrganization),
  };
}

const todaysRun = ({ run, output, at, tookMs }: Plan, accounts: readonly PlannedAccount[]): RehearsedRun => ({
  runId: run.runId,
  at,
  planMs: tookMs,
  planCalls: callsOfPlan(run),
  planCost: run.cost,
  accounts: accounts.map(rehearsedAccount),
  models: new Map(accounts.map(({ accountId, model }) => [accountId, model])),
  accountsAtOnce: output.accountsAtOnce,
  ofOrganization: output.ofOrganization,
});

const rehearsedAccount = ({ accountId, startAt, inventory, principals }: PlannedAccount): RehearsedAccount => ({
  accountId,
  startAt,
  inventory,
  recommendations: principals.filter(({ hasRecommendation }) => hasRecommendation).length,
});

/** The same run a day later, when nearly all evidence is carried. */
async function rehearseSteadyDay(
  input: ExecutionInput,
  planned: Plan,
  accounts: readonly PlannedAccount[],
  services: Services,
  store: OverlayStore,
  tools: EstimateTools,
): Promise<RehearsedNeeds> {
  const at = planned.at + DAY_MS;
  const runId = await runIdOf('steady day', new Date(at).toISOString());
  const today = todaysRun(planned, accounts);
  // After the first run it is known whether the accounts share a bucket.
  const shared = (await readSharedBucket({ ...services, store })) ?? { shared: false };
  const { accountsAtOnce } = planned.output;
  const { extent } = scheduleOf(accounts.length, input, shared, { accountsAtOnce, lambdaLimit: null });
  const starts = startTimes(extent, at, at + planned.tookMs);
  const rehearsed: RehearsedAccount[] = [];
  for (const [index, account] of accounts.entries()) {
    const startAt = starts[index] ?? at;
    const lines = steadyDay(account.principals, services.settings);
    const spread = { spreadMs: sliceMs(extent), windowMs: extent.spreadMs };
    const batches = await writeBatches(store, runId, account.accountId, lines, {
      ...spread,
      principalsPerBatch: services.settings.principalsPerBatch,
      startAt,
    });
    rehearsed.push({ ...rehearsedAccount(account), startAt, inventory: { ...account.inventory, batches } });
  }
  await copyPlan(planned.run, runId, at, store);
  const run = { ...today, runId, at, accounts: rehearsed, accountsAtOnce: extent.accountsAtOnce };
  return rehearseRun(run, services, store, tools);
}

/** The organization as the plan has read it, and the accounts: what OrganizationUse reads. */
async function copyPlan(run: RunSummary, runId: string, at: number, store: OverlayStore): Promise<void> {
  const readAt = new Date(at).toISOString();
  const organization = await readOrganizationOf(store, run.runId);
  await store.write(objects.organization(runId), JSON.stringify({ ...organization, readAt }));
  await store.writeLines(objects.accounts(runId), store.readLines(objects.accounts(run.runId)));
  await writeRun(store, { ...run, runId, startedAt: readAt });
}

function estimatedAccount(account: PlannedAccount, today: RehearsedNeeds, steady: RehearsedNeeds): EstimatedAccount {
  const { accountId, principals, rates, inventory } = account;
  return {
    accountId,
    principals: countPrincipals(principals),
    rates: [...rates],
    today: today.accounts.get(accountId) ?? null,
    steadyDay: steady.accounts.get(accountId) ?? null,
    ...(inventory.error === undefined ? {} : { error: inventory.error }),
  };
}

/** The calls of planning, in the form of a session's calls. */
const callsOfPlan = ({ calls }: RunSummary): CallsByOperation =>
  Object.fromEntries(
    Object.entries(calls).map(([operation, { sent, succeeded, throttled, failed }]) => [
      operation,
      { ...noCalls(), sent, succeeded, throttled, failed },
    ]),
  );
