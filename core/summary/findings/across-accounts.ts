import type { Finding } from '../../contract/finding.ts';
import { objects } from '../../contract/objects.ts';
import { OpenRoleLine } from '../../contract/across/open-roles.ts';
import type { AccountSummary, RunSummary } from '../../contract/run.ts';
import { AcrossAccounts } from '../../findings/across-accounts/find-across-accounts.ts';
import { Comparison, type PrincipalEvidence } from '../../findings/compare.ts';
import type { Exceptions } from '../../findings/exceptions.ts';
import type { DamagedAccounts } from '../../objects/damaged-accounts.ts';
import { readGraph } from '../../objects/stored-graph.ts';
import { validLines } from '../../objects/valid-lines.ts';
import { managementAccountOf } from '../../organization/account-in-organization.ts';
import type { Services } from '../../ports/services.ts';
import { DamagedObject, READS_AT_ONCE, type ObjectStore } from '../../ports/store.ts';
import { principalScope } from '../../policies/principal-patterns.ts';
import { mapAhead } from '../../streams/map-ahead.ts';
import { addBase, stillInBase, writeBase } from './findings-base.ts';

/** The findings of the whole organization are kept beside those of the accounts. */
const base = objects.findingsBase('hub');

export type AcrossAccountsOfRun = NonNullable<RunSummary['acrossAccounts']>;

/**
 * Writes `across-accounts.jsonl`: the findings that compare accounts, with their states. If this is a run of all accounts
 * and principals, the next run is compared with them. Safe to repeat.
 * @param hasTime whether one more account can be searched
 * @returns null if there is nothing to compare: one account, now and before
 * @throws StoreError
 */
export async function writeAcrossAccounts(
  { store, warn }: Pick<Services, 'store' | 'warn'>,
  run: RunSummary,
  accounts: readonly AccountSummary[],
  exceptions: Exceptions,
  damaged: DamagedAccounts,
  hasTime: () => boolean,
): Promise<AcrossAccountsOfRun | null> {
  const { runId, wholeScope = false, scope } = run;
  if (accounts.length < 2 && !(await store.exists(base))) return null;
  const openRoles = await openRolesOfAccounts(store, runId, accounts, damaged);
  const search = new AcrossAccounts({
    accountIds: accounts.flatMap(({ accountId, principals }) => (principals.total === 0 ? [] : [accountId])),
    graphOf: async (accountId) => {
      try {
        return await readGraph(store, run, accountId);
      } catch (error: unknown) {
        if (!(error instanceof DamagedObject)) throw error;
        damaged.onDamageOf(accountId)(error);
        return null;
      }
    },
    openRoles,
    managementAccountId: await managementAccountOf(store, runId),
    hasTime,
  });
  const comparison = new Comparison(run.startedAt, exceptions);
  await addBase(comparison, store, base, warn);
  const isInScope = principalScope(scope.principals === 'all' ? null : scope.principals);
  const isComplete = (): boolean =>
    wholeScope &&
    search.notSearched.length === 0 &&
    damaged.reasons().length === 0 &&
    accounts.every(({ status }) => status === 'COMPLETE');
  const evidence = (): PrincipalEvidence => {
    if (!wholeScope) return 'outOfScope';
    return isComplete() ? 'complete' : 'incomplete';
  };
  const findings = async function* (): AsyncGenerator<Finding> {
    for await (const found of search.findings()) {
      if (isInScope(found.principalArn)) yield comparison.compareDetected(found);
    }
    yield* stillInBase(comparison, store, base, runId, evidence);
  };
  await store.writeLines(objects.acrossAccounts(runId), toLines(findings()));
  if (wholeScope) await writeBase(store, base, runId, objects.acrossAccounts(runId));
  return { searched: search.searched, notSearched: search.notSearched };
}

async function openRolesOfAccounts(
  store: ObjectStore,
  runId: string,
  accounts: readonly AccountSummary[],
  damaged: DamagedAccounts,
): Promise<OpenRoleLine[]> {
  const withRoles = accounts.filter(({ openRoles }) => openRoles > 0);
  const roles: OpenRoleLine[] = [];
  const read = async ({ accountId, openRoles }: AccountSummary): Promise<OpenRoleLine[]> => {
    const ofAccount: OpenRoleLine[] = [];
    const key = objects.openRoles(runId, accountId);
    const damages: DamagedObject[] = [];
    const onDamage = (damage: DamagedObject): unknown => damages.push(damage);
    for await (const role of validLines(store, key, OpenRoleLine, onDamage)) ofAccount.push(role);
    if (damages.length === 0 && ofAccount.length < openRoles) {
      damages.push(new DamagedObject(key, `it has ${ofAccount.length} of ${openRoles} roles`));
    }
    damages.forEach(damaged.onDamageOf(accountId));
    return ofAccount;
  };
  for await (const ofAccount of mapAhead(withRoles, READS_AT_ONCE, read)) roles.push(...ofAccount);
  return roles;
}

async function* toLines(findings: AsyncIterable<Finding>): AsyncGenerator<string> {
  for await (const finding of findings) yield JSON.stringify(finding);
}
