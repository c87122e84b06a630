import { everyPolicy } from '../evaluation/permissions.ts';
import { keyOfSession } from '../evaluation/session-keys.ts';
import { ownKeys, type OrganizationFacts } from '../evaluation/request-context.ts';
import { HAS_ACCESS_KEY, HAS_MFA } from '../evaluation/chosen-keys.ts';
import type { ConditionContext, KeyValue } from '../evaluation/condition-context.ts';
import { PolicyEvaluator, type NamedPolicy } from '../evaluation/policy-set.ts';
import { sortedByArn } from './abilities/resource-coverage.ts';
import type { PrincipalNode } from './node.ts';
import { SearchWork } from './search-work.ts';
import { isRefusedBy } from './simulation.ts';

/** A group of the account. */
export interface AccountGroup {
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly NamedPolicy[];
  /** ARNs of its managed policies. */
  readonly attached: readonly string[];
}

/** A customer managed policy, and its versions that are not the default one. */
export interface AccountPolicy {
  readonly arn: string;
  readonly document: string | null;
  readonly otherVersions: readonly { readonly id: string; readonly document: string }[];
}

/** What is known of the account besides its principals. */
export interface AccountFacts {
  readonly accountId: string;
  readonly partition: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly organization: OrganizationFacts;
  /** Whether the account is its organization's management account; null: not known. */
  readonly isManagementAccount: boolean | null;
  /** Null: the SCPs are not known, or none apply. */
  readonly serviceControl: readonly (readonly NamedPolicy[])[] | null;
}

/** A service that sends requests with the permissions of its caller, such as CloudFormation for a stack. */
export interface RequestingService {
  /** Keys of its requests, in lower case. They replace those of the caller's own requests. */
  readonly keys: ReadonlyMap<string, KeyValue>;
  /** The actions that it requests, each with another one that the same request needs. */
  readonly sends: ReadonlyMap<string, string | null>;
}

/** The principals, groups and policies of one account, by which it is found who can become whom. */
export class AccountAccess {
  readonly evaluator = new PolicyEvaluator();
  readonly principals: readonly PrincipalNode[];
  /** Roles that the account can pass, change or assume: all except those that AWS manages. */
  readonly roles: readonly PrincipalNode[];
  readonly users: readonly PrincipalNode[];
  readonly #byArn: ReadonlyMap<string, PrincipalNode>;
  #hasTrustWithMfa: boolean | null = null;
  #last: { readonly node: PrincipalNode; readonly keys: ConditionContext } | null = null;

  constructor(
    readonly facts: AccountFacts,
    principals: readonly PrincipalNode[],
    readonly groups: ReadonlyMap<string, AccountGroup>,
    /** Customer managed policies by ARN. */
    readonly policies: ReadonlyMap<string, AccountPolicy>,
    /** A service by which principals may also send requests; null: they send them themselves. */
    readonly service: RequestingService | null = null,
    readonly work = new SearchWork(principals.length),
  ) {
    this.principals = sortedByArn(principals);
    const readable = this.principals.filter(
      ({ power, managedBy }) => power !== null && managedBy !== 'service' && managedBy !== 'identityCenter',
    );
    this.roles = readable.filter(({ type }) => type === 'role');
    this.users = readable.filter(({ type }) => type === 'user');
    this.#byArn = new Map(principals.map((node) => [node.arn, node]));
  }

  /** The condition keys of every request of a principal. Keeps those of the last one, because its requests are asked in a row. */
  ownKeys(node: PrincipalNode): ConditionContext {
    if (this.#last?.node === node) return this.#last.keys;
    const caller = { ...node, hasMfa: node.credentials?.hasMfa ?? false };
    const all = ownKeys(caller, this.facts.organization, this.facts.now);
    const keys: ConditionContext = (key) => {
      if (node.lacksMfa === true && key.startsWith('aws:multifactorauth')) return 'absent';
      // With a device it may have MFA, and with an access key it may leave it out.
      if (isOfMfa(key) && hasBoth(node)) return 'unknown';
      if (key === HAS_MFA) return hasBoth(node) ? ['true'] : 'unknown';
      if (key === HAS_ACCESS_KEY) return signsInOnly(node) ? 'absent' : 'unknown';
      const ofSession = keyOfSession(key, node);
      if (ofSession !== null) return ofSession;
      // Most requests are about resources of the principal's own account. The others name their account.
      if (key === 'aws:resourceaccount') return [node.accountId];
      return all(key.startsWith('aws:resourceorg') ? key.replace('resource', 'principal') : key);
    };
    this.#last = { node, keys };
    return keys;
  }

  /** Whether the simulation rules out an action of a principal. It simulates no request of a service. */
  isRefused(node: PrincipalNode, action: string): boolean {
    const { simulation } = node;
    // The simulation of a user with an MFA device has MFA. Its access key may do what is denied with MFA.
    if (this.mayLeaveOutMfa(node, action)) return false;
    const simulated = this.service?.sends.has(action) === true ? { ...simulation, refused: 0n } : simulation;
    return isRefusedBy(simulated, action, this.facts.serviceControl !== null);
  }

  /** Whether a user with an MFA device may send a request with its access key, which has no key about MFA, and it matters. */
  mayLeaveOutMfa(node: PrincipalNode, action: string): boolean {
    if (!hasBoth(node)) return false;
    const all = everyPolicy({ ...node.policies, serviceControl: this.facts.serviceControl });
    return this.evaluator.namesKey(all, action.toLowerCase(), isOfMfa);
  }

  /** The same account, in which principals may also send requests by a service. */
  by(service: RequestingService): AccountAccess {
    return new AccountAccess(this.facts, this.principals, this.groups, this.policies, service, this.work);
  }

  principal(arn: string): PrincipalNode | null {
    return this.#byArn.get(arn) ?? null;
  }

  /** Whether a role's trust policy asks for MFA. */
  get hasTrustWithMfa(): boolean {
    this.#hasTrustWithMfa ??= this.roles.some(asksForMfa);
    return this.#hasTrustWithMfa;
  }

  /** Whether the account has a role of IAM Identity Center. */
  get hasIdentityCenter(): boolean {
    return this.principals.some(({ managedBy }) => managedBy === 'identityCenter');
  }
}

/** Whether a user has an MFA device and an active access key. */
const hasBoth = ({ credentials, lacksMfa }: PrincipalNode): boolean =>
  credentials?.hasMfa === true && credentials.hasActiveKey && lacksMfa !== true;

/** Whether a user has a password and no active access key. */
const signsInOnly = ({ credentials }: PrincipalNode): boolean =>
  credentials?.hasPassword === true && !credentials.hasActiveKey;

export const isOfMfa = (key: string): boolean => key.startsWith('aws:multifactorauth');

/** Whether the trust policy of a role has a condition on MFA. */
export const asksForMfa = ({ trust }: PrincipalNode): boolean =>
  (trust ?? []).some(({ clauses }) => clauses.some(({ key }) => isOfMfa(key)));
