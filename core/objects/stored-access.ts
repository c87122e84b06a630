import type { NamedPolicy } from '../evaluation/policy-set.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { AccountAccess, type AccountFacts, type AccountGroup, type AccountPolicy } from '../access/account-access.ts';
import { nodeOf, TextNumbers, type PrincipalNode } from '../access/node.ts';
import { readPolicies, readSharedPolicies, type SharedPolicy, type StoredPolicies } from '../policies/read-policies.ts';
import { DamagedObject, type ObjectStore } from '../ports/store.ts';
import { recordsOf } from './stored-runs.ts';

export interface StoredAccess {
  readonly access: AccountAccess;
  /** Whether every principal of the account has complete evidence. */
  readonly isComplete: boolean;
}

/**
 * An account's principals with their policies, from a run's objects. Only what the access graph needs stays in memory.
 * @throws StoreError, DamagedObject
 */
export async function readAccess(
  store: ObjectStore,
  runId: string,
  accountId: string,
  facts: Omit<AccountFacts, 'accountId' | 'partition'>,
): Promise<StoredAccess> {
  const stored = new Map<string, StoredPolicies>();
  const shared: SharedPolicy[] = [];
  const key = objects.policies(runId, accountId);
  const hasObject = await store.exists(key);
  if (hasObject) {
    for await (const policies of readPolicies(store, runId, accountId)) stored.set(policies.arn, policies);
    for await (const line of readSharedPolicies(store, runId, accountId)) shared.push(line);
  }
  const numbers = new TextNumbers();
  const nodes: PrincipalNode[] = [];
  let isComplete = true;
  let partition = 'aws';
  for await (const record of recordsOf(store, runId, accountId)) {
    if (record.status !== 'COMPLETE') isComplete = false;
    partition = record.arn.split(':')[1] ?? partition;
    const policies = stored.get(record.arn);
    // A run writes the policies of each principal, so an object without them was cut off between two lines.
    if (policies === undefined && hasObject) throw new DamagedObject(key, `it has no policies of ${record.arn}`);
    nodes.push(nodeOf(record, policies ?? unknownPolicies(record), numbers));
    stored.delete(record.arn);
  }
  const access = accountAccess({ ...facts, accountId, partition }, nodes, shared);
  return { access, isComplete };
}

/** @param documents SCPs, level by level, JSON texts */
export const namedServiceControl = (documents: readonly (readonly string[])[]): NamedPolicy[][] =>
  documents.map((level, depth) =>
    level.map((document, index) => ({
      name: `service control policy ${index + 1} of level ${depth + 1}`,
      document,
    })),
  );

/** @param shared the account's groups and managed policies */
export function accountAccess(
  facts: AccountFacts,
  nodes: readonly PrincipalNode[],
  shared: readonly SharedPolicy[],
): AccountAccess {
  const policies = new Map<string, AccountPolicy>();
  const documents = new Map<string, string | null>();
  const groups = new Map<string, AccountGroup>();
  for (const line of shared) {
    if (line.kind !== 'managed') continue;
    documents.set(line.arn, line.document);
    const { arn, document, otherVersions } = line;
    if (otherVersions !== null) policies.set(arn, { arn, document, otherVersions });
  }
  for (const line of shared) {
    if (line.kind !== 'group' || line.policies === null || line.arn === null) continue;
    const { name, arn } = line;
    const { inline, attached } = line.policies;
    const managed = attached.map((one) => ({ name: one, document: documents.get(one) ?? null }));
    const own = inline.map((one) => ({ name: `inline policy ${one.name} of group ${name}`, document: one.document }));
    groups.set(name, { name, arn, attached, policies: [...own, ...managed] });
  }
  return new AccountAccess(facts, nodes, groups, policies);
}

/** For a principal whose policies the run did not store. */
const unknownPolicies = ({ arn, name }: PrincipalRecord): StoredPolicies => ({
  arn,
  policies: [{ kind: 'inline', name: `all policies of ${name}`, group: null, document: null }],
  boundary: null,
  groups: [],
  trust: null,
  instanceProfiles: null,
});
