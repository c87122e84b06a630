import type { Ground } from '../evaluation/policy-set.ts';
import { allOf, anyOf, isUnknown, keysOf, type Truth } from '../evaluation/truth.ts';
import { mayNameAccount, trustTruth, type TrustAnswer } from '../evaluation/trust-truth.ts';
import { isChosen, valuesToTry } from '../evaluation/chosen-keys.ts';
import type { KeyValue } from '../evaluation/condition-context.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { contextFor, mayDo, resourceKeys, type ExtraKeys } from './requests.ts';
import { uniqueGrounds, type TargetFinder, type TargetGroup } from './target-groups.ts';

const ASSUME = 'sts:AssumeRole';

/** Whether a principal may assume a role, and by which statements. */
export interface AssumeAnswer {
  readonly truth: Truth;
  readonly grounds: readonly Ground[];
}

/**
 * Whether a principal may assume a role, as STS decides (IAM User Guide, "Policy evaluation logic"; IAM API Reference,
 * AssumeRole). In one account, a trust policy that names the principal is enough: only a Deny, an SCP and the boundary of
 * a role count. A trust policy that names the account needs an identity policy that allows the call. Across accounts both
 * sides are needed.
 */
export function mayAssume(account: AccountAccess, node: PrincipalNode, role: PrincipalNode): AssumeAnswer {
  const answer = trustAnswer(account, node, role);
  if (answer === null) return { truth: false, grounds: [] };
  const isSameAccount = node.accountId === role.accountId;
  const keys = resourceKeys(role);
  const byPolicy = mayDo(account, node, ASSUME, role.arn, keys);
  const withoutIdentity = (needsBoundary: boolean): Truth =>
    mayDo(account, node, ASSUME, role.arn, keys, { needsIdentity: false, needsBoundary }).truth;
  const ways: Truth[] = [allOf([anyOf(Object.values(answer.by)), byPolicy.truth])];
  if (isSameAccount) {
    ways.push(allOf([answer.by.session, withoutIdentity(false)]), allOf([answer.by.principal, withoutIdentity(true)]));
  }
  const needsPolicy = allOf(ways.slice(1).length === 0 ? [false] : [anyOf(ways.slice(1))]) !== true;
  return {
    truth: anyOf(ways),
    grounds: uniqueGrounds([...answer.grounds, ...(needsPolicy ? byPolicy.grounds : [])]),
  };
}

/** What the role's trust policy says; null if it certainly does not let the principal in. */
function trustAnswer(account: AccountAccess, node: PrincipalNode, role: PrincipalNode): TrustAnswer | null {
  const statements = role.trust;
  if (statements === null) return null;
  const caller = { ...node, hasBoundary: node.policies.boundary !== null };
  const ask = (chosen: ReadonlyMap<string, KeyValue>): TrustAnswer => {
    const extra: ExtraKeys = (key) => chosen.get(key) ?? null;
    const context = contextFor(account, node, resourceKeys(role, extra));
    return trustTruth(statements, caller, 'sts:assumerole', context);
  };
  const first = ask(new Map());
  const best = bestOf(first, (key) => {
    const named = statements.flatMap(({ clauses }) => clauses.flatMap((one) => (one.key === key ? one.values : [])));
    return valuesToTry(key, named, account.facts.partition).map((value) => ask(new Map([[key, value]])));
  });
  return anyOf(Object.values(best.by)) === false ? null : best;
}

/** For a key that the caller chooses, the best answer counts. */
function bestOf(answer: TrustAnswer, answersFor: (key: string) => readonly TrustAnswer[]): TrustAnswer {
  const truth = anyOf(Object.values(answer.by));
  const key = isUnknown(truth) ? truth.find(isChosen) : undefined;
  if (key === undefined) return answer;
  const weight = (one: TrustAnswer): number => {
    const total = anyOf(Object.values(one.by));
    return isUnknown(total) ? total.length : total ? 0 : Infinity;
  };
  return answersFor(key).reduce((best, one) => (weight(one) < weight(best) ? one : best), answer);
}

/** Finds the roles that principals of the account may assume. */
export class AssumableRoles {
  /** Roles that trust a user or role by its ARN, without condition, by that ARN. */
  readonly #byNamed = new Map<string, PrincipalNode[]>();
  /** Roles that trust the whole account without condition. Their trust policy answers the same for all principals. */
  readonly #open: readonly PrincipalNode[];
  readonly #openSet: ReadonlySet<PrincipalNode>;
  /** Roles whose trust policy is evaluated for each principal, because of conditions, exceptions or a Deny. */
  readonly #others: readonly PrincipalNode[];
  #last: { readonly node: PrincipalNode; readonly groups: readonly TargetGroup[] } | null = null;

  constructor(
    private readonly account: AccountAccess,
    private readonly finder: TargetFinder,
  ) {
    const open: PrincipalNode[] = [];
    const others: PrincipalNode[] = [];
    for (const role of account.roles) {
      const about = (role.trust ?? []).filter((one) => mayNameAccount(one, role.accountId));
      if (!about.some(({ allows }) => allows)) continue;
      const isPlain = about.every(
        ({ allows, exceptThese, clauses, principals, actions, exceptActions }) =>
          allows &&
          !exceptThese &&
          clauses.length === 0 &&
          !exceptActions &&
          actions.some((action) => action === 'sts:assumerole' || action === 'sts:*' || action === '*') &&
          principals.every(({ type, name }) => type !== 'everyone' && (type !== 'aws' || isPlainName(name))),
      );
      if (!isPlain) {
        others.push(role);
        continue;
      }
      const names = about.flatMap(({ principals }) =>
        principals.flatMap(({ type, name }) => (type === 'aws' ? [name] : [])),
      );
      if (names.some(isAccountName)) open.push(role);
      for (const name of new Set(names)) {
        if (isAccountName(name)) continue;
        const roles = this.#byNamed.get(name);
        if (roles === undefined) this.#byNamed.set(name, [role]);
        else roles.push(role);
      }
    }
    this.#open = open;
    this.#openSet = new Set(open);
    this.#others = others;
  }

  /** The roles that `node` may assume, itself excluded. Keeps the last answer, because several ways ask for it. */
  of(node: PrincipalNode): readonly TargetGroup[] {
    if (this.#last?.node === node) return this.#last.groups;
    const named = this.#byNamed.get(node.arn) ?? [];
    const isNamed = new Set(named);
    const open = this.finder
      .find(node, [{ action: ASSUME }], this.#open, 'open roles')
      .map((group) => ({
        ...group,
        targets: isNamed.size === 0 ? group.targets : group.targets.filter((one) => !isNamed.has(one)),
      }))
      .filter(({ targets }) => targets.length > 0);
    const groups = new Map<string, { targets: PrincipalNode[]; keys: readonly string[]; grounds: readonly Ground[] }>();
    for (const role of [...named, ...this.#others]) {
      if (role === node) continue;
      const { truth, grounds } = mayAssume(this.account, node, role);
      if (truth === false) continue;
      const keys = keysOf(truth);
      const key = JSON.stringify([keys, grounds]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { targets: [role], keys, grounds });
      else group.targets.push(role);
    }
    const all = [...open.map((group) => withTrust(group)), ...groups.values()];
    this.#last = { node, groups: all };
    return all;
  }

  isOpen(role: PrincipalNode): boolean {
    return this.#openSet.has(role);
  }
}

const withTrust = (group: TargetGroup): TargetGroup => ({
  ...group,
  grounds: uniqueGrounds([{ policy: 'trust policy', statement: 'names the account' }, ...group.grounds]),
});

const isAccountName = (name: string): boolean => /^(\d{12}|arn:[^:]*:iam::\d{12}:root)$/.test(name);

/** A name that means one user or role, or the account. */
const isPlainName = (name: string): boolean =>
  isAccountName(name) || /^arn:[^:]*:iam::\d{12}:(user|role)\/[^*?]+$/.test(name);
