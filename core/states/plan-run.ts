import type { ExecutionInput } from '../contract/execution-input.ts';
import type { PlanRunInput, PlanRunOutput } from '../contract/messages.ts';
import type { Organization } from '../contract/organization.ts';
import type { RunSummary } from '../contract/run.ts';
import { organizationOfLatestRun, readRun, writeRun } from '../objects/stored-runs.ts';
import { assertNotEnded } from '../objects/unended-run.ts';
import { isWholeScope, limitsAccounts } from '../objects/whole-scope.ts';
import type { EarlierOrganization } from '../organization/carry-organization.ts';
import { membershipChanges } from '../organization/membership-changes.ts';
import { writeMemberGroups } from '../organization/member-groups.ts';
import { selectAccounts, type SelectedAccounts } from '../organization/select-accounts.ts';
import { accountsByResourcePolicy } from '../organization/resource-control.ts';
import { recordOrganization } from '../organization/record-organization.ts';
import { readSharedBucket } from '../pacing/stored-pace.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { DamagedObject } from '../ports/store.ts';
import { limitAccountConcurrency } from '../run/account-concurrency.ts';
import { releasingOnError, RunInProgress } from '../run/claim.ts';
import { claimOrWait } from '../run/claim-or-wait.ts';
import { closeInterruptedRun } from '../run/close-interrupted-run.ts';
import { copyExceptions } from '../run/copy-exceptions.ts';
import { InvalidInput, parseExecutionInput } from '../run/parse-execution-input.ts';
import { auditOutput, refusedOutput, unclaimedOutput } from '../run/plan-output.ts';
import { writePlannedAccounts } from '../run/planned-accounts.ts';
import { requestedAccounts, type RequestedAccounts } from '../run/requested-accounts.ts';
import { writeRunContext } from '../run/run-context.ts';
import { runIdOf } from '../run/run-id.ts';
import { scheduleOf } from '../run/run-schedule.ts';
import { scopeOf } from '../run/run-scope.ts';
import { startTimes } from '../run/start-times.ts';
import { plannedRun } from '../summary/planned-run.ts';

/**
 * Claims the run, and writes the organization, the list of accounts and `run.json` with status RUNNING. If the input
 * is not valid or another run is in progress, this is returned and not thrown, so it raises no alarm.
 * @throws RunEnded, StoreError; PreconditionFailed if two invocations overlap
 */
export async function planRun(input: PlanRunInput, services: Services, invocation: Invocation): Promise<PlanRunOutput> {
  const { store, clock } = services;
  const { name, startedAt, enteredAt } = input.execution;
  const runId = await runIdOf(name, startedAt);
  try {
    const wanted = parseExecutionInput(input.input);
    const { requested, resumed } = await readRequest(wanted, services);
    const claim = await claimOrWait(runId, input.execution, wanted, services);
    if (claim.kind !== 'claimed') return unclaimedOutput(runId, claim);
    const unended = await assertNotEnded(store, runId);
    if (claim.interrupted !== null) await closeInterruptedRun(claim.interrupted, services);

    const before = organizationBefore(services);
    const { organization, calls } = await recordOrganization(runId, before, services, invocation);
    const selected = await releasingOnError(store, runId, () => selectAccounts(requested, organization, services.warn));
    const { accounts } = selected;
    const scope = scopeOf(wanted, limitsAccounts(wanted) || resumed !== null, resumed, accounts, enteredAt);
    const sharedBucket = await readSharedBucket(services);
    const concurrency = await limitAccountConcurrency(accounts.length, services);
    const schedule = scheduleOf(accounts.length, wanted, sharedBucket, concurrency);
    await copyExceptions(store, runId, wanted.exceptions);
    const starts = startTimes(schedule.extent, Date.parse(enteredAt), clock.now());
    const memberGroups = await writeMemberGroups(store, runId, organization);
    const { organizationId } = organization;
    await writeRunContext(store, runId, {
      startedAt: enteredAt,
      execution: input.execution.id,
      accounts: accounts.length,
      principals: scope.principals ?? 'all',
      organizationId,
      memberGroups,
    });
    await writePlannedAccounts(store, runId, accounts, starts);
    const wholeScope = await isWholeScope(services, wanted, resumed);
    const ofOrganization = await organizationOfRun(requested, organization, selected, before);
    const run = {
      runId,
      startedAt: enteredAt,
      scope,
      wholeScope,
      resumed,
      schedule,
      calls,
      organization: ofOrganization,
    };
    await writeRun(store, plannedRun(run, invocation.storeRequests()), unended);
    // Damage that an earlier run found does not keep the alarm on.
    if (wholeScope) services.publishFigures?.({ damagedObjects: 0 });
    services.onProgress?.({ kind: 'planned', accounts: accounts.length });
    return auditOutput(runId, wanted, scope, schedule.extent, ofOrganization !== undefined);
  } catch (error: unknown) {
    if (!(error instanceof InvalidInput || error instanceof RunInProgress)) throw error;
    return refusedOutput(runId, error);
  }
}

interface Request {
  readonly requested: RequestedAccounts;
  /** The run that is resumed. */
  readonly resumed: RunSummary | null;
}

/** @throws InvalidInput, also if the objects of the run that is resumed do not say what it audited */
async function readRequest(wanted: ExecutionInput, services: Services): Promise<Request> {
  try {
    const requested = await requestedAccounts(wanted, services);
    return { requested, resumed: wanted.resume === undefined ? null : await readRun(services.store, wanted.resume) };
  } catch (error: unknown) {
    if (!(error instanceof DamagedObject) || wanted.resume === undefined) throw error;
    throw new InvalidInput(
      `resume: run ${wanted.resume} can't be resumed. ${error.message} Start a run that resumes none.`,
      { cause: error },
    );
  }
}

/** The last run's organization. It is read once, when it is first needed. */
function organizationBefore(services: Services): () => Promise<EarlierOrganization | null> {
  let reading: Promise<EarlierOrganization | null> | null = null;
  return () => (reading ??= organizationOfLatestRun(services));
}

/** The field `organization` of `run.json`; undefined if the run is not of an organization. */
async function organizationOfRun(
  requested: RequestedAccounts,
  organization: Organization,
  { skipped }: SelectedAccounts,
  before: () => Promise<EarlierOrganization | null>,
): Promise<RunSummary['organization']> {
  if (requested.kind !== 'organization') return undefined;
  const { joined, left } = membershipChanges((await before())?.organization ?? null, organization);
  const { organizationId } = organization;
  const resourceControlPolicies = accountsByResourcePolicy(organization);
  return { organizationId, skipped: [...skipped], resourceControlPolicies, joined: [...joined], left: [...left] };
}
