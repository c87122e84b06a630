import { DAY_MS } from '../clock.ts';
import * as v from 'valibot';
import { AccountLine } from '../contract/account-objects.ts';
import { ExecutionInput } from '../contract/execution-input.ts';
import type { PlanRunInput, PlanRunOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { Organization } from '../contract/organization.ts';
import { AccountSummary, RunSummary, type Scope } from '../contract/run.ts';
import type { EarlierOrganization } from '../organization/carry-organization.ts';
import { readOrganization } from '../organization/read-organization.ts';
import type { Invocation, Services } from '../services.ts';
import type { ObjectStore } from '../store.ts';
import { readPace, sharingInForce } from '../pacing/stored-pace.ts';
import { claimRun } from './claim.ts';
import { costOf } from './cost.ts';
import { emptyCounts, noConsumption } from './counts.ts';
import { reportedCalls } from './reported-calls.ts';
import { runIdOf } from './run-id.ts';
import { sliceMs, startTimes, type RunExtent } from './start-times.ts';
import { keepExceptions } from './keep-exceptions.ts';
import { latestRunId, readRun } from './stored-runs.ts';

/** The execution was started with something that the contract does not know. */
export class InvalidInput extends Error {
  override name = 'InvalidInput';
}

/** What the contract knows, in the words of a person who mistyped it. @throws InvalidInput naming the field */
export function parseExecutionInput(input: unknown): ExecutionInput {
  const parsed = v.safeParse(ExecutionInput, input ?? {});
  if (parsed.success) return parsed.output;
  const known = Object.keys(ExecutionInput.entries).join(', ');
  const sentences = parsed.issues.map((issue) => {
    const field = v.getDotPath(issue) ?? 'the input';
    if (issue.expected === 'never') return `${field}: there is no such field; there are ${known}`;
    return `${field}: ${issue.message}, and was ${issue.received}`;
  });
  throw new InvalidInput(`The execution's input is not valid. ${sentences.join('. ')}.`);
}

/**
 * Claims the run, writes what its organization is, which accounts it audits and that it is running.
 * @throws InvalidInput, RunInProgress
 */
export async function planRun(input: PlanRunInput, services: Services, invocation: Invocation): Promise<PlanRunOutput> {
  const { store, settings, clock } = services;
  const wanted = parseExecutionInput(input.input);
  const { id, name, startedAt } = input.execution;
  const runId = await runIdOf(name, startedAt);
  const accounts = await accountsOf(wanted, services);
  const resumed = wanted.resume === undefined ? null : await readRun(store, wanted.resume);
  const principals = wanted.principals ?? principalsOf(resumed);
  const full = wanted.full === true ? { since: startedAt } : resumed?.full;
  const sharing = sharingInForce((await readPace(services, objects.hubPace)).memory, clock.now());
  const extent: RunExtent = {
    accounts: accounts.length,
    // Pacers that share a bucket without knowing of each other take half as long again: one after another is faster.
    accountsAtOnce: sharing?.shared === true ? 1 : settings.accountsAtOnce,
    spreadMs: (wanted.spreadOverMinutes ?? 0) * 60_000,
    firstAlone: sharing === null,
  };
  const plan = {
    runId,
    accountsKey: objects.accounts(runId),
    accountsAtOnce: extent.accountsAtOnce,
    request: {
      principals,
      spreadOverMinutes: wanted.spreadOverMinutes ?? 0,
      sliceMinutes: sliceMs(extent) / 60_000,
      full: full !== undefined,
      fullSince: full?.since ?? null,
    },
  };

  const scheduledDay = dayOf(wanted, clock.now());
  const claim = await claimRun(store, { execution: id, runId, scheduledDay }, services.executions);
  if (claim.kind === 'dayTaken') return { ...plan, proceed: false, accounts: 0 };
  if (claim.interrupted !== null) {
    await closeInterrupted(store, claim.interrupted, clock.now());
    services.warn(
      `Run ${claim.interrupted} was interrupted. A run with --resume ${claim.interrupted} goes on with it.`,
    );
  }

  await keepExceptions(store, runId, wanted.exceptions);
  const calls = await noteOrganization(runId, services, invocation);
  const starts = startTimes(extent, Date.parse(startedAt), clock.now());
  await store.writeLines(
    plan.accountsKey,
    accounts.map((account, index) =>
      JSON.stringify({ ...account, startAt: new Date(starts[index] ?? clock.now()).toISOString() }),
    ),
  );
  const scope: Scope = {
    accounts: wanted.accountIds ?? (wanted.resume === undefined ? 'all' : accounts.map(({ accountId }) => accountId)),
    principals: principals ?? 'all',
  };
  const requests = invocation.storeRequests();
  await store.write(
    objects.run(runId),
    `${JSON.stringify(
      {
        schemaVersion: 1,
        runId,
        startedAt,
        finishedAt: null,
        status: 'RUNNING',
        scope,
        ...(full === undefined ? {} : { full }),
        accounts: [],
        principals: emptyCounts(),
        calls,
        // What planning asked of S3, this object included: SummariseRun adds to it.
        cost: costOf({ ...noConsumption(), puts: requests.puts + 1, gets: requests.gets }),
        ...(extent.spreadMs === 0 ? {} : { spread: { minutes: extent.spreadMs / 60_000, tookMinutes: null } }),
      } satisfies RunSummary,
      null,
      2,
    )}\n`,
  );
  services.onProgress?.({ kind: 'planned', accounts: accounts.length });
  return { ...plan, proceed: true, accounts: accounts.length };
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

/** The day for which a run was scheduled, YYYY-MM-DD where its schedule is; null for runs started by hand. @throws InvalidInput */
function dayOf({ scheduledTime, timeZone = 'UTC' }: ExecutionInput, now: number): string | null {
  if (scheduledTime === undefined) return null;
  // A day to come would be claimed, and every scheduled day until then not be run.
  if (Date.parse(scheduledTime) > now + DAY_MS) {
    throw new InvalidInput(`scheduledTime: must not be later than a day from now, and was "${scheduledTime}".`);
  }
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(scheduledTime),
  );
}

async function accountsOf(wanted: ExecutionInput, { store, access, settings }: Services): Promise<AccountLine[]> {
  const configuredAccounts = async (): Promise<readonly string[]> =>
    settings.accountIds ?? [await access.ownAccountId()];
  const named = wanted.accountIds === undefined ? null : [...new Set(wanted.accountIds)];
  if (wanted.resume !== undefined) {
    const unfinished = await unfinishedAccounts(store, wanted.resume);
    const taken = named === null ? unfinished : unfinished.filter((accountId) => named.includes(accountId));
    return taken.map((accountId) => ({ accountId, resumeFrom: wanted.resume ?? null }));
  }
  const configured = named === null || settings.onlyConfigured ? await configuredAccounts() : [];
  const foreign = settings.onlyConfigured ? (named ?? []).filter((id) => !configured.includes(id)) : [];
  if (foreign.length > 0) {
    throw new InvalidInput(
      `accountIds: ${foreign.join(', ')} must be among the accounts that this deployment covers (its setting accountIds).`,
    );
  }
  const accountIds = named ?? configured;
  return accountIds.map((accountId) => ({ accountId, resumeFrom: null }));
}

async function unfinishedAccounts(store: ObjectStore, runId: string): Promise<string[]> {
  if (!(await store.exists(objects.accounts(runId)))) {
    throw new InvalidInput(`resume: there is no run ${runId} in ${store.bucket}.`);
  }
  const unfinished: string[] = [];
  for await (const line of store.readLines(objects.accounts(runId))) {
    const { accountId } = v.parse(AccountLine, JSON.parse(line));
    const stored = await store.read(objects.account(runId, accountId));
    const status = stored === null ? null : v.parse(AccountSummary, JSON.parse(stored.text)).status;
    if (status !== 'COMPLETE') unfinished.push(accountId);
  }
  if (unfinished.length === 0)
    throw new InvalidInput(`resume: run ${runId} is COMPLETE: there is nothing to go on with.`);
  return unfinished;
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
