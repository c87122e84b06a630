import { ownKeys, type OrganizationFacts } from '../evaluation/request-context.ts';
import type { ConditionContext } from '../evaluation/condition-context.ts';
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

/** The principals, groups and policies of one account, by which it is found who can become whom. */
export class AccountAccess {
  readonly evaluator = new PolicyEvaluator();
  readonly work: SearchWork;
  readonly principals: readonly PrincipalNode[];
  /** Roles that the account can pass, change or assume: all except those that AWS manages. */
  readonly roles: readonly PrincipalNode[];
  readonly users: readonly PrincipalNode[];
  readonly #byArn: ReadonlyMap<string, PrincipalNode>;
  #last: { readonly node: PrincipalNode; readonly keys: ConditionContext } | null = null;

  constructor(
    readonly facts: AccountFacts,
    principals: readonly PrincipalNode[],
    readonly groups: ReadonlyMap<string, AccountGroup>,
    /** Customer managed policies by ARN. */
    readonly policies: ReadonlyMap<string, AccountPolicy>,
  ) {
    this.principals = sortedByArn(principals);
    this.work = new SearchWork(principals.length);
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
    const keys = ownKeys(caller, this.facts.organization, this.facts.now);
    this.#last = { node, keys };
    return keys;
  }

  /** Whether the simulation rules out an action of a principal. */
  isRefused({ simulation }: PrincipalNode, action: string): boolean {
    return isRefusedBy(simulation, action, this.facts.serviceControl !== null);
  }

  principal(arn: string): PrincipalNode | null {
    return this.#byArn.get(arn) ?? null;
  }

  /** Whether the account has a role of IAM Identity Center. */
  get hasIdentityCenter(): boolean {
    return this.principals.some(({ managedBy }) => managedBy === 'identityCenter');
  }
}
