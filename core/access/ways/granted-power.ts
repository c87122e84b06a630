import type { ConditionContext } from '../../evaluation/condition-context.ts';
import type { NamedPolicy } from '../../evaluation/policy-set.ts';
import { negated, allOf } from '../../evaluation/truth.ts';
import { LruCache } from '../../streams/lru-cache.ts';
import { bitsWhere, grantsAnything, type ActionBits, type Power } from '../abilities/abilities.ts';
import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';

const nothing: Power = { everywhere: 0n, somewhere: 0n };
const unknownContext: ConditionContext = () => 'unknown';

/** AWS managed policies that give their holder any permission. Every account can attach them. */
const ADMINISTRATOR_POLICIES = ['AdministratorAccess', 'IAMFullAccess'];

const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** What policies give, limited by boundaries and SCPs. Only the catalogue's actions, on every resource. */
export class GrantedPower {
  readonly #bits = new LruCache<ActionBits>(2_000);
  readonly #denials = new LruCache<ActionBits>(2_000);
  readonly #administratorPolicies: readonly string[];
  readonly #ceiling: ActionBits;

  constructor(private readonly account: AccountAccess) {
    const { facts, policies } = account;
    this.#ceiling = (facts.serviceControl ?? []).reduce(
      (bits, level) => bits & this.#allowedBy(level),
      bitsWhere(() => true),
    );
    const own = [...policies.values()].flatMap(({ arn, document }) =>
      document !== null && grantsAnything(this.ofDocuments([{ name: arn, document }], null)) ? [arn] : [],
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

  /** A managed policy. AWS's AdministratorAccess allows everything; the content of its other policies is not known. */
  policy(arn: string): NamedPolicy {
    const { facts, policies } = this.account;
    const isEverything = arn === `arn:${facts.partition}:iam::aws:policy/AdministratorAccess`;
    return { name: arn, document: isEverything ? EVERYTHING : (policies.get(arn)?.document ?? null) };
  }

  /** What a principal can do that may give itself any policy. @param boundary its permissions boundary */
  everything(boundary: NamedPolicy | null): Power {
    const bits = this.#ceiling & (boundary === null ? ~0n : this.#allowedBy([boundary]));
    return { everywhere: bits, somewhere: bits };
  }

  /** What these policies give a principal. */
  ofDocuments(policies: readonly NamedPolicy[], boundary: NamedPolicy | null): Power {
    const bits = this.#allowedBy(policies) & this.everything(boundary).everywhere;
    return bits === 0n ? nothing : { everywhere: bits, somewhere: bits };
  }

  /** What a principal can do without its boundary, which may also deny what its other policies allow. */
  unbound({ policies, power, withheld }: PrincipalNode): Power {
    const { everywhere } = this.ofDocuments(policies.identity, null);
    return {
      everywhere: everywhere | (power?.everywhere ?? 0n) | (withheld ?? 0n),
      somewhere: everywhere | (power?.somewhere ?? 0n) | (withheld ?? 0n),
    };
  }

  /** Whether a policy certainly denies some action of the catalogue on every resource. */
  deniesAnything(policy: NamedPolicy): boolean {
    return this.#deniedBy(policy) !== 0n;
  }

  /**
   * What a principal can do without some of its policies, of what these certainly deny on every resource.
   * @param kept its other policies
   */
  withoutDenials(removed: readonly NamedPolicy[], kept: readonly NamedPolicy[], boundary: NamedPolicy | null): Power {
    const denied = removed.reduce((bits, policy) => bits | this.#deniedBy(policy), 0n);
    const bits = denied === 0n ? 0n : this.ofDocuments(kept, boundary).everywhere & denied;
    return { everywhere: bits, somewhere: bits };
  }

  #deniedBy(policy: NamedPolicy): ActionBits {
    return this.#denials.get(policy.document ?? '', () =>
      bitsWhere(({ action }) => {
        const request = { action: action.toLowerCase(), resource: '*', context: unknownContext };
        return this.account.evaluator.evaluate([policy], request).denied === true;
      }),
    );
  }

  #allowedBy(policies: readonly NamedPolicy[]): ActionBits {
    const key = policies.map(({ name, document }) => document ?? `?${name}`).join('\n');
    return this.#bits.get(key, () =>
      bitsWhere(({ action }) => {
        const request = { action: action.toLowerCase(), resource: '*', context: unknownContext };
        const { allowed, denied } = this.account.evaluator.evaluate(policies, request);
        return allOf([allowed, negated(denied)]) === true;
      }),
    );
  }
}
