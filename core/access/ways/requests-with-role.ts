import { everyPolicy } from '../../evaluation/permissions.ts';
import { weightOf } from '../../evaluation/truth.ts';
import { wildcardPattern } from '../../policies/wildcards.ts';
import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import { policiesOf, type ExtraKeys } from '../requests.ts';
import { mayDoTogether, type TogetherVerdict } from '../together.ts';

/** With this action the caller chooses the instance profile. */
const ADD_TO_PROFILE = 'iam:AddRoleToInstanceProfile';

/** Keys whose value is the role that a request passes, or its instance profile. */
const ROLE_KEYS = new Set(['cloudformation:rolearn', 'codebuild:servicerole']);
const PROFILE_KEYS = new Set(['ec2:instanceprofile', 'ec2:newinstanceprofile']);
const isOfRole = (key: string): boolean => ROLE_KEYS.has(key) || PROFILE_KEYS.has(key);

const NOT_ALLOWED: TogetherVerdict = { truth: false, grounds: [], isNarrow: false };

interface RolesWithVerdict {
  readonly targets: readonly PrincipalNode[];
  readonly verdict: TogetherVerdict;
}

/** The requests by which a service gets a role, some of whose conditions may name the role. */
export class RequestsWithRole {
  /** Whether the answer may differ between two roles. */
  readonly dependOnRole: boolean;
  readonly #byValues = new Map<string, TogetherVerdict>();
  readonly #named: readonly string[];

  constructor(
    private readonly account: AccountAccess,
    private readonly node: PrincipalNode,
    private readonly actions: readonly string[],
  ) {
    const policies = everyPolicy(policiesOf(account, node));
    const { evaluator } = account;
    this.dependOnRole = actions.some((action) => evaluator.namesKey(policies, action.toLowerCase(), isOfRole));
    this.#named = this.dependOnRole
      ? [...ROLE_KEYS, ...PROFILE_KEYS].flatMap((key) =>
          actions.flatMap((action) => evaluator.namedValues(policies, action.toLowerCase(), key)),
        )
      : [];
  }

  /** An existing resource keeps its role, so the requests name none. */
  withoutRole = (within: readonly string[] = []): TogetherVerdict =>
    this.#verdict('none', (key) => (isOfRole(key) ? 'absent' : null), within);

  /** For some role that is not known yet. */
  anyRole = (): TogetherVerdict => this.#verdict('any', () => null, []);

  /**
   * @param isNew whether the role is passed in the requests
   * @param within patterns of the ARNs of the resources for which the roles trust the service; empty: all
   */
  byRole(roles: readonly PrincipalNode[], isNew: boolean, within: readonly string[]): readonly RolesWithVerdict[] {
    if (!isNew || !this.dependOnRole) return [{ targets: roles, verdict: this.withoutRole(within) }];
    const groups = new Map<TogetherVerdict, PrincipalNode[]>();
    for (const role of roles) {
      const verdict = this.#with(role, within);
      const group = groups.get(verdict);
      if (group === undefined) groups.set(verdict, [role]);
      else group.push(role);
    }
    return [...groups].map(([verdict, targets]) => ({ targets, verdict }));
  }

  #with(role: PrincipalNode, within: readonly string[]): TogetherVerdict {
    const { accountId, partition } = this.account.facts;
    // The inventory has no paths of instance profiles. Without one, that of the policy counts.
    const profiles = (role.instanceProfiles ?? [role.name]).map(
      (name) =>
        this.#named.find((one) => /^[^*?]*:instance-profile\/[^*?]*$/.test(one) && one.endsWith(`/${name}`)) ??
        `arn:${partition}:iam::${accountId}:instance-profile/${name}`,
    );
    const verdicts = (profiles.length === 0 ? [''] : profiles).map((profile) => {
      const matched = this.#named.filter((one) => wildcardPattern(one)(role.arn) || wildcardPattern(one)(profile));
      const extra: ExtraKeys = (key) => {
        if (ROLE_KEYS.has(key)) return [role.arn];
        if (!PROFILE_KEYS.has(key) || this.actions.includes(ADD_TO_PROFILE)) return null;
        return profile === '' ? 'absent' : [profile];
      };
      return this.#verdict(matched.join('\n'), extra, within);
    });
    const [first, ...others] = verdicts;
    return others.reduce(
      (best, one) => (weightOf(one.truth) < weightOf(best.truth) ? one : best),
      first ?? NOT_ALLOWED,
    );
  }

  /** @param values the same text for roles that the conditions don't tell apart */
  #verdict(values: string, extra: ExtraKeys, within: readonly string[]): TogetherVerdict {
    const key = JSON.stringify([values, within]);
    const known = this.#byValues.get(key);
    if (known !== undefined) return known;
    const verdict = mayDoTogether(this.account, this.node, this.actions, { extra, within });
    this.#byValues.set(key, verdict);
    return verdict;
  }
}
