import type { Change, PermissionChange } from '../contract/answers/diff.ts';
import { severities, type Finding } from '../contract/finding.ts';
import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { wasDeleted } from '../evidence/record.ts';
import { abilityBy, type Ability } from '../access/abilities/abilities.ts';
import { needsAction } from '../findings/compare.ts';
import { isRoot } from '../findings/find.ts';
import { principalScope } from '../policies/principal-patterns.ts';
import { allFindingsOf } from '../summary/findings/run-findings.ts';
import { allRecordsOf } from '../objects/stored-runs.ts';
import { DamagedObject, type ObjectStore } from '../ports/store.ts';
import { permissionChange } from './changes.ts';

/** The permissions of one principal in one run. */
interface Snapshot {
  /** By action in the catalogue's spelling; null if permissions are not COMPLETE. */
  readonly abilities: ReadonlyMap<string, Ability> | null;
  /** The number of actions that were simulated or ruled out. */
  readonly checkedActions: number;
}

/**
 * The changes from one run to another. Only one account is in memory at a time. Findings are compared by the state that
 * they have in the runs, so a finding is not shown as resolved because evidence is missing.
 * @throws StoreError
 */
export async function* compareRuns(store: ObjectStore, from: RunSummary, to: RunSummary): AsyncGenerator<Change> {
  const inFrom = new Map(from.accounts.map((account) => [account.accountId, account]));
  const inTo = new Map(to.accounts.map((account) => [account.accountId, account]));
  for (const accountId of [...new Set([...inFrom.keys(), ...inTo.keys()])].sort()) {
    const missing = [from, to].find(({ accounts }) => !accounts.some((account) => account.accountId === accountId));
    if (missing !== undefined) {
      yield { kind: 'notCompared', accountId, arn: null, why: `Run ${missing.runId} did not audit this account.` };
      continue;
    }
    const before = await snapshotsOf(store, from, accountId);
    const after = await snapshotsOf(store, to, accountId);
    if ('why' in before || 'why' in after) {
      const why = 'why' in before ? before.why : 'why' in after ? after.why : '';
      yield { kind: 'notCompared', accountId, arn: null, why };
    } else {
      yield* comparePrincipals(accountId, { before, after, from, to });
    }
  }
  yield* compareFindings(store, from, to);
}

/** By ARN; or why the run does not have them. */
async function snapshotsOf(
  store: ObjectStore,
  run: RunSummary,
  accountId: string,
): Promise<ReadonlyMap<string, Snapshot> | { readonly why: string }> {
  if (!(await store.exists(objects.principals(run.runId, accountId)))) {
    const { error } = run.accounts.find((account) => account.accountId === accountId) ?? {};
    return error === undefined
      ? { why: `${objects.principals(run.runId, accountId)} is missing.` }
      : { why: `Run ${run.runId} could not read this account.` };
  }
  try {
    return await readSnapshots(store, run, accountId);
  } catch (error: unknown) {
    if (error instanceof DamagedObject) return { why: error.message };
    throw error;
  }
}

async function readSnapshots(
  store: ObjectStore,
  run: RunSummary,
  accountId: string,
): Promise<ReadonlyMap<string, Snapshot>> {
  const snapshots = new Map<string, Snapshot>();
  for await (const record of allRecordsOf(store, run, accountId)) {
    if (wasDeleted(record)) continue;
    const { status, decisions, ruledOut } = record.permissions;
    const abilities = new Map(decisions.map((decision) => [decision.action, abilityBy(decision)]));
    const checkedActions = ruledOut + decisions.length;
    snapshots.set(record.arn, { abilities: status === 'COMPLETE' ? abilities : null, checkedActions });
  }
  return snapshots;
}

function* comparePrincipals(
  accountId: string,
  {
    before,
    after,
    from,
    to,
  }: {
    readonly before: ReadonlyMap<string, Snapshot>;
    readonly after: ReadonlyMap<string, Snapshot>;
    readonly from: RunSummary;
    readonly to: RunSummary;
  },
): Generator<Change> {
  const [inFrom, inTo] = [scopeOf(from), scopeOf(to)];
  for (const arn of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [then, now] = [before.get(arn), after.get(arn)];
    if (then === undefined) {
      if (inFrom(arn)) yield { kind: 'principal', change: 'added', accountId, arn };
    } else if (now === undefined) {
      if (inTo(arn)) yield { kind: 'principal', change: 'removed', accountId, arn };
    } else if (then.abilities === null || now.abilities === null) {
      const failed = then.abilities === null ? from.runId : to.runId;
      yield {
        kind: 'notCompared',
        accountId,
        arn,
        why: `Run ${failed} could not read all permissions of this principal.`,
      };
    } else {
      const changes = permissionChanges(then.abilities, now.abilities, then.checkedActions === now.checkedActions);
      if (changes.length > 0) yield { kind: 'permissions', accountId, arn, changes };
    }
  }
}

/** The root user is in scope of every run of its account. */
function scopeOf({ scope }: RunSummary): (arn: string) => boolean {
  const inScope = principalScope(scope.principals === 'all' ? null : scope.principals);
  return (arn) => isRoot(arn) || inScope(arn);
}

/** @param sameCatalogue if false, the runs checked different actions: only actions that both decided are compared */
function permissionChanges(
  before: ReadonlyMap<string, Ability>,
  after: ReadonlyMap<string, Ability>,
  sameCatalogue: boolean,
): PermissionChange[] {
  const withoutDecision: Ability = { kind: sameCatalogue ? 'unable' : 'unknown' };
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .flatMap(
      (action) =>
        permissionChange(action, before.get(action) ?? withoutDecision, after.get(action) ?? withoutDecision) ?? [],
    );
}

async function* compareFindings(store: ObjectStore, from: RunSummary, to: RunSummary): AsyncGenerator<Change> {
  const before = new Map<string, Pick<Finding, 'state' | 'severity'>>();
  for await (const { id, state, severity } of allFindingsOf(store, from)) before.set(id, { state, severity });
  const inFrom = scopeOf(from);
  const accounts = new Set(from.accounts.map(({ accountId }) => accountId));
  const seen = new Set<string>();
  for await (const finding of allFindingsOf(store, to)) {
    seen.add(finding.id);
    const then = before.get(finding.id);
    const wasAudited = accounts.has(finding.accountId) && inFrom(finding.principalArn);
    const change = findingChange(finding, then ?? null);
    if (change === 'new' && !wasAudited) continue;
    if (change === 'worse' || change === 'better') yield { kind: 'finding', change, finding, before: then?.severity };
    else if (change !== null) yield { kind: 'finding', change, finding };
  }
  // A finding that was resolved in a run between these two is missing in the later run.
  const inTo = scopeOf(to);
  const audited = new Set(to.accounts.map(({ accountId }) => accountId));
  for await (const finding of allFindingsOf(store, from)) {
    if (finding.state === 'resolved' || seen.has(finding.id)) continue;
    if (!audited.has(finding.accountId) || !inTo(finding.principalArn)) continue;
    yield { kind: 'finding', change: 'resolved', finding };
  }
}

/** How a finding of the later run has changed; null if it has not. */
function findingChange(
  { state, severity }: Finding,
  before: Pick<Finding, 'state' | 'severity'> | null,
): Extract<Change, { kind: 'finding' }>['change'] | null {
  const then = before === null || before.state === 'resolved' ? null : before;
  if (state === 'suppressed') return then?.state === 'suppressed' ? null : 'suppressed';
  if (!needsAction(state)) return then === null ? null : 'resolved';
  if (then === null) return 'new';
  if (then.state === 'suppressed') return 'reopened';
  if (then.severity === severity) return null;
  return severities.indexOf(severity) < severities.indexOf(then.severity) ? 'worse' : 'better';
}
