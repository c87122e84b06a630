import type { ConditionContext } from '../evaluation/condition-context.ts';
import { globalRegion } from '../evaluation/chosen-keys.ts';
import { everyPolicy } from '../evaluation/permissions.ts';
import { statementTruth, type NamedPolicy } from '../evaluation/policy-set.ts';
import { keysOf, type Truth } from '../evaluation/truth.ts';
import { actionMatcher } from '../policies/action-pattern-parts.ts';
import type { PolicyStatement } from '../policies/statements.ts';
import { LruCache } from '../streams/lru-cache.ts';
import {
  actionsIn,
  administratorBits,
  bitsWhere,
  grantsAnything,
  type ActionBits,
  type Power,
} from './abilities/abilities.ts';
import type { AccountAccess, AccountFacts } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { requiredResources } from './paths/required-resources.ts';

const power = (bits: ActionBits): Power => ({ everywhere: bits, somewhere: bits });
const either = (choices: readonly ActionBits[]): ActionBits => choices.reduce((bits, one) => bits | one, 0n);
const unknownContext: ConditionContext = () => 'unknown';

/** AWS managed policies that give their holder any permission. Every account can attach them. */
const ADMINISTRATOR_POLICIES = ['AdministratorAccess', 'IAMFullAccess'];

/** At most this many policies of an account are tried where a condition limits which may be attached. */
const MOST_POLICIES = 60;

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** The catalogue's actions that statements are about. */
const actionsByStatement = new WeakMap<PolicyStatement, ActionBits>();

function actionsOf(statement: PolicyStatement): ActionBits {
  const known = actionsByStatement.get(statement);
  if (known !== undefined) return known;
  const isMeant = actionMatcher(statement.actions);
  const bits = bitsWhere(({ action }) => isMeant(action.toLowerCase()));
  actionsByStatement.set(statement, bits);
  return bits;
}

/** Users' credentials are no resources of their own. */
const OF_USER = /^iam:.*(?:AccessKey|LoginProfile|ServiceSpecificCredential|SigningCertificate|SSHPublicKey)/;

const typeOf = (action: string): string => {
  const [arn = '', ...others] = requiredResources[action] ?? [];
  if (arn !== '' && others.length === 0) return arn.split(':')[5]?.split('/')[0] ?? '';
  return OF_USER.test(action) ? 'user' : '';
};

/** A name and a type that no policy has. */
const SOME_NAME = '\ue003';

/** The actions on IAM's resources of one type, by an example of it, without partition and account. */
const byIamType = new Map<string, ActionBits>(
  ['user', 'role', 'group', 'policy', 'instance-profile', 'saml-provider', 'oidc-provider', ''].map((type) => [
    `${type === '' ? SOME_NAME : type}/${SOME_NAME}`,
    bitsWhere(({ action }) => action.startsWith('iam:') && typeOf(action) === type),
  ]),
);

/** What a Deny statement denies: on every resource, or by an ARN on every resource of a type of IAM, such as all roles. */
function deniedIn(
  { statement, hasVariables }: { readonly statement: PolicyStatement; readonly hasVariables: boolean },
  context: ConditionContext,
  { accountId, partition }: Pick<AccountFacts, 'accountId' | 'partition'>,
  isDenied: (truth: Truth) => boolean,
): ActionBits {
  const actions = actionsOf(statement);
  const on = (resource: string): boolean => isDenied(statementTruth(statement, hasVariables, { resource, context }));
  if (actions === 0n || on('*')) return actions;
  let denied = 0n;
  for (const [example, bits] of byIamType) {
    const about = actions & bits;
    if (about !== 0n && on(`arn:${partition}:iam::${accountId}:${example}`)) denied |= about;
  }
  return denied;
}

/** What a principal's policies, its boundary and the SCPs certainly deny it, also by ARNs of all resources of a type. */
export function deniedTo(account: AccountAccess, node: PrincipalNode): ActionBits {
  const context = account.ownKeys(node);
  const policies = everyPolicy({ ...node.policies, serviceControl: account.facts.serviceControl });
  let denied = 0n;
  for (const one of account.evaluator.statementsOf(policies)) {
    if (!one.statement.allows) denied |= deniedIn(one, context, account.facts, (truth) => truth === true);
  }
  return denied;
}

/** The condition keys on which a power depends: those of SCPs and boundaries, if they are counted as met. */
const conditionsOfPower = new WeakMap<Power, readonly string[]>();

export const conditionsOf = (given: Power): readonly string[] => conditionsOfPower.get(given) ?? [];

/** What policies give, limited by boundaries and SCPs. Only the catalogue's actions, on every resource. */
export class GrantedPower {
  readonly #bits = new LruCache<ActionBits>(2_000);
  readonly #denials = new LruCache<ActionBits>(2_000);
  readonly #administratorPolicies: readonly string[];
  /** What the SCPs allow to every principal. */
  readonly #ceiling: ActionBits;
  /** What they allow to one, if they have conditions, such as on its ARN. */
  readonly #ceilings = new WeakMap<PrincipalNode, ActionBits>();
  readonly #hasConditions: boolean;
  #strongest: readonly { readonly arn: string; readonly document: string }[] | null = null;
  readonly #withAnyPolicy = new WeakMap<PrincipalNode, Power>();
  readonly #callers = new WeakMap<PrincipalNode, readonly PrincipalNode[]>();

  /**
   * @param metConditions whether the conditions of SCPs and boundaries count as met, if their values are not known and an
   * administrator's permissions depend on them. `conditionsOf` a power tells them.
   */
  constructor(
    private readonly account: AccountAccess,
    private readonly metConditions = false,
  ) {
    const { facts, policies } = account;
    const levels = facts.serviceControl ?? [];
    this.#ceiling = levels.reduce(
      (bits, level) => bits & this.#allowedBy(level),
      bitsWhere(() => true),
    );
    this.#hasConditions = account.evaluator.hasConditions(levels.flat());
    const own = [...policies.values()].flatMap(({ arn, document }) =>
      document !== null && grantsAnything(power(this.#allowedBy([{ name: arn, document }]))) ? [arn] : [],
    );
    this.#administratorPolicies = [
      ...ADMINISTRATOR_POLICIES.map((name) => `arn:${facts.partition}:iam::aws:policy/${name}`),
      ...own,
    ];
  }

  /** ARNs of policies with which an attached principal becomes an administrator. */
  get administratorPolicies(): readonly string[] {
    return this.#administratorPolicies;
  }

  /** The customer managed policies of which the content is known, those that give most first. Not all of a large account. */
  get strongestPolicies(): readonly { readonly arn: string; readonly document: string }[] {
    this.#strongest ??= [...this.account.policies.values()]
      .flatMap(({ arn, document }) =>
        document === null
          ? []
          : [{ arn, document, count: actionsIn(this.#allowedBy([{ name: arn, document }])).length }],
      )
      .sort((a, b) => b.count - a.count || a.arn.localeCompare(b.arn))
      .slice(0, MOST_POLICIES);
    return this.#strongest;
  }

  /** A managed policy. AWS's AdministratorAccess allows everything; the content of its other policies is not known. */
  policy(arn: string): NamedPolicy {
    const { facts, policies } = this.account;
    const isEverything = arn === `arn:${facts.partition}:iam::aws:policy/AdministratorAccess`;
    return { name: arn, document: isEverything ? EVERYTHING : (policies.get(arn)?.document ?? null) };
  }

  /**
   * What a principal can do that may give itself any policy.
   * @param boundary its permissions boundary
   * @param node null: it does not exist yet
   */
  everything(boundary: NamedPolicy | null, node: PrincipalNode | null): Power {
    const denied = node === null ? 0n : this.#deniedTo(node);
    const certain = power(this.#within(boundary, node) & ~denied);
    if (!this.metConditions || grantsAnything(certain)) return certain;
    const keysOfNode = node === null ? unknownContext : this.account.ownKeys(node);
    // An administrator's actions are IAM's.
    const region = globalRegion(this.account.facts.partition);
    const context: ConditionContext = (key) => (key === 'aws:requestedregion' ? [region] : keysOfNode(key));
    const limits = [...(this.account.facts.serviceControl ?? []), ...(boundary === null ? [] : [[boundary]])];
    const most = power(limits.reduce((all, level) => all & this.#allowedIn(level, context, true), ~denied));
    if (!grantsAnything(most)) return certain;
    conditionsOfPower.set(most, this.#conditionsIn(limits.flat(), context));
    return most;
  }

  /** The keys on which it depends whether these policies allow an administrator's actions. */
  #conditionsIn(policies: readonly NamedPolicy[], context: ConditionContext): readonly string[] {
    const keys = new Set<string>();
    for (const { statement, hasVariables } of this.account.evaluator.statementsOf(policies)) {
      if ((actionsOf(statement) & administratorBits) === 0n) continue;
      for (const key of keysOf(statementTruth(statement, hasVariables, { resource: '*', context }))) keys.add(key);
    }
    return [...keys].sort();
  }

  /** What a principal can do that may get any policy in addition to its own, within its boundary. */
  withAnyPolicy(node: PrincipalNode): Power {
    const known = this.#withAnyPolicy.get(node);
    if (known !== undefined) return known;
    const most = this.everything(node.policies.boundary, node);
    this.#withAnyPolicy.set(node, most);
    return most;
  }

  /** What these policies give a principal. @param node null: it does not exist yet */
  ofDocuments(policies: readonly NamedPolicy[], boundary: NamedPolicy | null, node: PrincipalNode | null): Power {
    return power(this.#allowedBy(policies) & this.#within(boundary, node));
  }

  /** What a principal can do with these identity policies and no others, by what is known of it. */
  together(policies: readonly NamedPolicy[], boundary: NamedPolicy | null, node: PrincipalNode): Power {
    const all = boundary === null ? policies : [...policies, boundary];
    if (!this.account.evaluator.hasConditions(all)) return this.ofDocuments(policies, boundary, node);
    const bits = this.#callersOf(node).map((caller) => {
      const context = this.account.ownKeys(caller);
      const allowed = (by: readonly NamedPolicy[]): ActionBits => this.#allowedIn(by, context);
      return allowed(policies) & (boundary === null ? ~0n : allowed([boundary])) & this.#ceilingOf(caller);
    });
    return power(either(bits));
  }

  /** A user with an active access key may send requests with it, which have no key about MFA, or sign in. */
  #callersOf(node: PrincipalNode): readonly PrincipalNode[] {
    if (node.type !== 'user' || node.credentials?.hasActiveKey !== true || node.lacksMfa === true) return [node];
    const known = this.#callers.get(node);
    const { credentials } = node;
    const callers = known ?? [
      credentials.hasMfa ? { ...node, credentials: { ...credentials, hasActiveKey: false } } : node,
      { ...node, lacksMfa: true },
    ];
    if (known === undefined) this.#callers.set(node, callers);
    return callers;
  }

  /** What a principal can do without its boundary, which may also deny what its other policies allow. */
  unbound(node: PrincipalNode): Power {
    const { policies, withheld } = node;
    const { everywhere } = this.ofDocuments(policies.identity, null, node);
    return {
      everywhere: everywhere | (node.power?.everywhere ?? 0n) | (withheld ?? 0n),
      somewhere: everywhere | (node.power?.somewhere ?? 0n) | (withheld ?? 0n),
    };
  }

  /**
   * What a principal can do without some of its policies, of what these certainly deny on every resource.
   * @param kept its other policies
   */
  withoutDenials(node: PrincipalNode, removed: readonly NamedPolicy[], kept: readonly NamedPolicy[]): Power {
    const denied = removed.reduce((bits, policy) => bits | this.#deniedBy(policy), 0n);
    return power(denied === 0n ? 0n : this.ofDocuments(kept, node.policies.boundary, node).everywhere & denied);
  }

  #ceilingOf(node: PrincipalNode | null): ActionBits {
    const { facts } = this.account;
    if (node === null || facts.serviceControl === null || !this.#hasConditions) return this.#ceiling;
    const known = this.#ceilings.get(node);
    if (known !== undefined) return known;
    const context = this.account.ownKeys(node);
    const bits = facts.serviceControl.reduce((all, level) => all & this.#allowedIn(level, context), ~0n);
    this.#ceilings.set(node, bits);
    return bits;
  }

  #deniedBy(policy: NamedPolicy): ActionBits {
    return this.#denials.get(policy.document ?? '', () => {
      let denied = 0n;
      for (const one of this.account.evaluator.statementsOf([policy])) {
        if (one.statement.allows) continue;
        denied |= deniedIn(one, unknownContext, this.account.facts, (truth) => truth === true);
      }
      return denied;
    });
  }

  #allowedBy(policies: readonly NamedPolicy[]): ActionBits {
    const key = policies.map(({ name, document }) => document ?? `?${name}`).join('\n');
    return this.#bits.get(key, () => this.#allowedIn(policies, unknownContext));
  }

  /** What policies certainly allow on every resource. @param isMet or what they allow under conditions */
  #allowedIn(policies: readonly NamedPolicy[], context: ConditionContext, isMet = false): ActionBits {
    let allowed = 0n;
    let denied = 0n;
    for (const one of this.account.evaluator.statementsOf(policies)) {
      const { statement, hasVariables } = one;
      if (!statement.allows) {
        denied |= deniedIn(one, context, this.account.facts, (truth) => (isMet ? truth === true : truth !== false));
        continue;
      }
      const truth = statementTruth(statement, hasVariables, { resource: '*', context });
      if (isMet ? truth !== false : truth === true) allowed |= actionsOf(statement);
    }
    return allowed & ~denied;
  }

  #within(boundary: NamedPolicy | null, node: PrincipalNode | null): ActionBits {
    const ceilings = node === null ? [this.#ceiling] : this.#callersOf(node).map((caller) => this.#ceilingOf(caller));
    return either(ceilings) & (boundary === null ? ~0n : this.#allowedBy([boundary]));
  }

  /** What its own policies deny: other policies don't change that. */
  #deniedTo({ policies }: PrincipalNode): ActionBits {
    return policies.identity.reduce((bits, policy) => {
      const mayDeny = this.account.evaluator.hasDenials([policy]);
      return mayDeny ? bits | this.#deniedBy(policy) : bits;
    }, 0n);
  }
}
