import type { StackUse } from './paths/escalation-path.ts';
import { credentialFacts, type CredentialFacts } from './credential-facts.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import type { NamedPolicy } from '../evaluation/policy-set.ts';
import type { PrincipalPolicies } from '../evaluation/permissions.ts';
import { coversAction, readTrustStatements } from '../evaluation/trust-truth.ts';
import { policyName, type StoredPolicies, type StoredPolicy } from '../policies/read-policies.ts';
import type { TrustStatement } from '../trust/trust-statement.ts';
import { powerBesidesOwnCredentials } from './abilities/sensitive-actions.ts';
import { isAdministrator, withheldByBoundary, type ActionBits, type Power } from './abilities/abilities.ts';
import { simulationOf, type Simulation } from './simulation.ts';

/** A policy that a principal has itself or by a group. */
export interface HeldPolicy extends NamedPolicy, Pick<StoredPolicy, 'kind' | 'group'> {
  /** An inline policy's name, a managed policy's ARN. */
  readonly ownName: string;
}

/** A user or role in the access graph. Compact: the nodes of the largest account must fit in memory. */
export interface PrincipalNode {
  readonly arn: string;
  readonly accountId: string;
  readonly type: 'user' | 'role';
  readonly name: string;
  readonly principalId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly managedBy: PrincipalRecord['managedBy'];
  /** Null if its permissions could not be read. */
  readonly power: Power | null;
  readonly isAdministrator: boolean;
  /** Actions that only its permissions boundary denies; null if the decisions show no boundary. */
  readonly withheld: ActionBits | null;
  /** What the simulation of its permissions rules out. */
  readonly simulation: Simulation;
  /** Without service control policies: those belong to the account. */
  readonly policies: { readonly identity: readonly HeldPolicy[]; readonly boundary: PrincipalPolicies['boundary'] };
  /** Equal for principals with the same policies. */
  readonly policyKey: string;
  /** Names of its groups. */
  readonly groups: readonly string[];
  /** ARNs of its managed policies, also those of its groups. */
  readonly attached: readonly string[];
  readonly boundaryArn: string | null;
  /** Null for users and if the report has no row for the user. */
  readonly credentials: CredentialFacts | null;
  /** Null for users and if the policy is not known or can't be read. */
  readonly trust: readonly TrustStatement[] | null;
  /** Equal for roles with the same trust policy. */
  readonly trustKey: string;
  /** Whether a session of the role may have tags besides the role's. */
  readonly mayHaveSessionTags: boolean;
  /** Names of the instance profiles that have the role; null: not known. */
  readonly instanceProfiles: readonly string[] | null;
  /** Whether its requests never have MFA, because someone acts as it who has no device of it. Undefined: they may. */
  readonly lacksMfa?: boolean;
  /** The role, if CloudFormation uses it in someone's place, who gets no session of it. Undefined: one acts as it. */
  readonly usedIn?: { readonly use: StackUse; readonly role: PrincipalNode };
  /** What was changed on the way to this principal. Empty: it is as the inventory read it. */
  readonly changes: readonly string[];
}

/** Numbers texts, so that principals with the same policies have the same short key. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Whether a role's sessions may have tags besides the role's. @param trust null: it is not known */
export const letsTagSessions = (trust: readonly TrustStatement[] | null): boolean =>
  trust === null || trust.some((one) => one.allows && coversAction(one, 'sts:tagsession'));

/** @param numbers the same for all nodes of an account */
export function nodeOf(record: PrincipalRecord, stored: StoredPolicies, numbers: TextNumbers): PrincipalNode {
  const identity: HeldPolicy[] = stored.policies.map((policy) => ({
    name: policyName(policy),
    document: policy.document,
    kind: policy.kind,
    group: policy.group,
    ownName: policy.name,
  }));
  const { boundary } = stored;
  const boundaryPolicy =
    boundary === null ? null : { name: `permissions boundary ${boundary.arn}`, document: boundary.document };
  const key = (policy: NamedPolicy): string =>
    policy.document === null ? `?${policy.name}` : String(numbers.numberOf(policy.document));
  const trust = stored.trust === null ? null : readTrustStatements(stored.trust);
  return {
    arn: record.arn,
    accountId: record.accountId,
    type: record.type,
    name: record.name,
    principalId: record.principalId,
    tags: record.tags,
    managedBy: record.managedBy,
    power: record.permissions.status === 'FAILED' ? null : powerBesidesOwnCredentials(record),
    isAdministrator: isAdministrator(record),
    withheld: withheldByBoundary(record),
    simulation: simulationOf(record),
    policies: { identity, boundary: boundaryPolicy },
    policyKey: `${record.type} ${identity.map(key).join(' ')} / ${boundaryPolicy === null ? '' : key(boundaryPolicy)}`,
    groups: stored.groups,
    attached: stored.policies.flatMap(({ kind, name }) => (kind === 'managed' ? [name] : [])),
    boundaryArn: boundary?.arn ?? null,
    credentials: credentialFacts(record),
    trust,
    trustKey: stored.trust === null ? '' : String(numbers.numberOf(stored.trust)),
    mayHaveSessionTags: record.type === 'role' && letsTagSessions(trust),
    instanceProfiles: stored.instanceProfiles,
    changes: [],
  };
}

/** A user or role without policies, as it is directly after its creation. */
export const emptyPrincipal = (type: 'user' | 'role', arn: string, accountId: string): PrincipalNode => ({
  arn,
  accountId,
  type,
  name: arn.split('/').at(-1) ?? '',
  principalId: '',
  tags: {},
  managedBy: null,
  power: { everywhere: 0n, somewhere: 0n },
  isAdministrator: false,
  withheld: null,
  simulation: { refused: 0n, refusedByOrganizations: 0n },
  policies: { identity: [], boundary: null },
  policyKey: type,
  groups: [],
  attached: [],
  boundaryArn: null,
  credentials: type === 'user' ? { hasPassword: false, hasMfa: false, accessKeys: 0, hasActiveKey: false } : null,
  trust: null,
  trustKey: '',
  mayHaveSessionTags: false,
  instanceProfiles: [],
  changes: [],
});
