import type { Ground } from '../contract/answers/permission.ts';
import { allOf, anyOf, isUnknown, keysOf, weightOf, type Truth } from '../evaluation/truth.ts';
import { mayNameAccount, trustTruth, type TrustAnswer } from '../evaluation/trust-truth.ts';
import { isChosen, valuesToTry } from '../evaluation/chosen-keys.ts';
import type { KeyValue } from '../evaluation/condition-context.ts';
import type { TrustStatement } from '../trust/trust-statement.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { contextFor, mayDo, resourceKeys, type ExtraKeys } from './requests.ts';
import { TargetGroups, uniqueGrounds, type TargetFinder, type TargetGroup } from './target-groups.ts';

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
    const context = contextFor(account, node, resourceKeys(role));
    return valuesToTry(key, named, account.facts.partition, context).map((value) => ask(new Map([[key, value]])));
  });
  return anyOf(Object.values(best.by)) === false ? null : best;
}

/** For a key that the caller chooses, the best answer counts. */
function bestOf(answer: TrustAnswer, answersFor: (key: string) => readonly TrustAnswer[]): TrustAnswer {
  const truth = anyOf(Object.values(answer.by));
  const key = isUnknown(truth) ? truth.find(isChosen) : undefined;
  if (key === undefined) return answer;
  const weight = (one: TrustAnswer): number => weightOf(anyOf(Object.values(one.by)));
  return answersFor(key).reduce((best, one) => (weight(one) < weight(best) ? one : best), answer);
}

/** Finds the roles that principals of the account may assume. */
export class AssumableRoles {
  /** Roles that trust a user or role by its ARN, without condition, by that ARN. */
  readonly #byNamed = new Map<string, PrincipalNode[]>();
  /** Roles that trust the whole account without condition. Their trust policy answers the same for all principals. */
  readonly #open: readonly PrincipalNode[];
  /** Roles with the same trust policy, which is evaluated for each principal: it has conditions, exceptions or a Deny. */
  readonly #others = new Map<string, PrincipalNode[]>();
  #last: { readonly node: PrincipalNode; readonly groups: readonly TargetGroup[] } | null = null;

  constructor(
    private readonly account: AccountAccess,
    private readonly finder: TargetFinder,
  ) {
    const open: PrincipalNode[] = [];
    for (const role of account.roles) {
      const about = (role.trust ?? []).filter((one) => mayNameAccount(one, role.accountId));
      if (!about.some(({ allows }) => allows)) continue;
      if (!about.every(isPlain)) {
        addTo(this.#others, dependsOnRole(role) ? role.arn : role.trustKey, role);
        continue;
      }
      const names = about.flatMap(({ principals }) =>
        principals.flatMap(({ type, name }) => (type === 'aws' ? [name] : [])),
      );
      if (names.some(isAccountName)) open.push(role);
      for (const name of new Set(names)) if (!isAccountName(name)) addTo(this.#byNamed, name, role);
    }
    this.#open = open;
  }

  /** The roles that `node` may assume, itself excluded. Keeps the last answer, because several ways ask for it. */
  of(node: PrincipalNode): readonly TargetGroup[] {
    if (this.#last?.node === node) return this.#last.groups;
    const named = this.#byNamed.get(node.arn) ?? [];
    const isNamed = new Set(named);
    const open = this.#allowed(node, this.#open, 'open roles', NAMES_ACCOUNT, []).map((group) => ({
      ...group,
      targets: isNamed.size === 0 ? group.targets : group.targets.filter((one) => !isNamed.has(one)),
    }));
    const groups = [
      ...open.filter(({ targets }) => targets.length > 0),
      ...this.#oneByOne(node, named),
      ...[...this.#others].flatMap(([key, roles]) => this.#byTrust(node, key, roles)),
    ];
    this.#last = { node, groups };
    return groups;
  }

  /** Roles with the same trust policy. */
  #byTrust(node: PrincipalNode, key: string, roles: readonly PrincipalNode[]): readonly TargetGroup[] {
    const [first] = roles;
    const answer = first === undefined ? null : trustAnswer(this.account, node, first);
    if (answer === null) return [];
    const direct = anyOf([answer.by.session, answer.by.principal]);
    if (direct !== false) return this.#oneByOne(node, roles);
    return this.#allowed(node, roles, `trust ${key}`, answer.grounds, keysOf(answer.by.account));
  }

  /** Roles whose trust policy names the account: the principal's own policies must allow the call. */
  #allowed(
    node: PrincipalNode,
    roles: readonly PrincipalNode[],
    name: string,
    trust: readonly Ground[],
    keys: readonly string[],
  ): readonly TargetGroup[] {
    return this.finder.find(node, [{ action: ASSUME }], roles, name).map((group) => ({
      targets: group.targets,
      keys: keys.length === 0 ? group.keys : [...new Set([...group.keys, ...keys])].sort(),
      grounds: uniqueGrounds([...trust, ...group.grounds]),
    }));
  }

  #oneByOne(node: PrincipalNode, roles: readonly PrincipalNode[]): readonly TargetGroup[] {
    const groups = new TargetGroups();
    for (const role of roles) {
      if (role === node) continue;
      const { truth, grounds } = mayAssume(this.account, node, role);
      groups.add(role, truth, grounds);
    }
    return groups.list();
  }
}

function addTo(map: Map<string, PrincipalNode[]>, key: string, role: PrincipalNode): void {
  const roles = map.get(key);
  if (roles === undefined) map.set(key, [role]);
  else roles.push(role);
}

/** Whether a statement answers the same for all principals that it names, without conditions. */
const isPlain = ({ allows, exceptThese, clauses, principals, actions, exceptActions }: TrustStatement): boolean =>
  allows &&
  !exceptThese &&
  clauses.length === 0 &&
  !exceptActions &&
  actions.some((action) => action === 'sts:assumerole' || action === 'sts:*' || action === '*') &&
  principals.every(({ type, name }) => type !== 'everyone' && (type !== 'aws' || isPlainName(name)));

/** Whether the trust policy's answer depends on the role's tags. */
const dependsOnRole = ({ trust }: PrincipalNode): boolean =>
  (trust ?? []).some(({ clauses }) => clauses.some(({ key }) => /^(aws|iam):resourcetag\//.test(key)));

const NAMES_ACCOUNT: readonly Ground[] = [{ policy: 'trust policy', statement: 'names the account' }];

const isAccountName = (name: string): boolean => /^(\d{12}|arn:[^:]*:iam::\d{12}:root)$/.test(name);

/** A name that means one user or role, or the account. */
const isPlainName = (name: string): boolean =>
  isAccountName(name) || /^arn:[^:]*:iam::\d{12}:(user|role)\/[^*?]+$/.test(name);
