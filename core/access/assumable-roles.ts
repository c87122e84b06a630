import type { Ground } from '../contract/answers/permission.ts';
import { allOf, anyOf, keysOf, weightOf, type Truth } from '../evaluation/truth.ts';
import { coversAction, mayNameAccount, trustTruth, type TrustAnswer } from '../evaluation/trust-truth.ts';
import { bestChoice, type Chosen } from '../evaluation/best-choice.ts';
import { isFreelyChosen, valuesToTry } from '../evaluation/chosen-keys.ts';
import { everyChoice, possibleValues, type PlacedClause } from '../evaluation/possible-values.ts';
import type { TrustStatement } from '../trust/trust-statement.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { possibleTargets } from './possible-targets.ts';
import { contextFor, mayDo, policiesOf, resourceKeys, tagsOf, type ExtraKeys } from './requests.ts';
import { dependsOnTagsOf, principalTagOf, resourceTagOf } from './tag-rules.ts';
import { everyPolicy, type Parts } from '../evaluation/permissions.ts';
import { TargetGroups, uniqueGrounds, type TargetFinder, type TargetGroup } from './target-groups.ts';

const ASSUME = 'sts:AssumeRole';
const ASSUME_LOWER = ASSUME.toLowerCase();
const REQUEST_TAG = 'aws:requesttag/';

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
 * @param sent keys that the request must have, such as session tags
 */
export function mayAssume(
  account: AccountAccess,
  node: PrincipalNode,
  role: PrincipalNode,
  sent: Chosen = new Map(),
): AssumeAnswer {
  const ask = (fixed: Chosen): AssumeAnswer => answerTo(account, node, role, new Map([...sent, ...fixed]));
  return answerInBoth(account, node, role, sent, ask) ?? ask(new Map());
}

/** At most this many choices of values are tried. */
const MOST_CHOICES = 100;

const NOT_ALLOWED: AssumeAnswer = { truth: false, grounds: [] };

/**
 * The answer where the trust policy and the caller's policies have conditions on the same keys: a request has one value of
 * each. Null: there are no such keys, or too many values.
 */
function answerInBoth(
  account: AccountAccess,
  node: PrincipalNode,
  role: PrincipalNode,
  sent: Chosen,
  ask: (fixed: Chosen) => AssumeAnswer,
): AssumeAnswer | null {
  const context = contextFor(account, node, resourceKeys(role));
  const keys = keysToChoose(account, node, role.trust ?? []).filter(
    (key) => !sent.has(key) && context(key) === 'unknown',
  );
  if (keys.length === 0) return null;
  const policies = everyPolicy(policiesOf(account, node));
  const values = keys.map((key) => {
    const clauses = [
      ...clausesOfTrust(role.trust ?? [], key),
      ...account.evaluator.clausesOn(policies, ASSUME_LOWER, key),
    ];
    return [key, possibleValues(clauses, context)] as const;
  });
  const known = values.filter(([, ofKey]) => ofKey !== null);
  const chosen = everyChoice(new Map(known.filter(([key]) => isFreelyChosen(key))), MOST_CHOICES);
  const others = everyChoice(new Map(known.filter(([key]) => !isFreelyChosen(key))), MOST_CHOICES);
  if (chosen === null || others === null || chosen.length * others.length > MOST_CHOICES) return null;
  let best = NOT_ALLOWED;
  for (const fixed of chosen) {
    const answer = ask(fixed);
    if (answer.truth === true) return answer;
    if (weightOf(answer.truth) >= weightOf(best.truth)) continue;
    if (others.some((more) => ask(new Map([...fixed, ...more])).truth !== false)) best = answer;
  }
  return best;
}

/**
 * The keys whose values decide in both policies: those that both name, and what the request only has if both let the caller
 * send it.
 */
function keysToChoose(
  account: AccountAccess,
  node: PrincipalNode,
  trust: readonly TrustStatement[],
): readonly string[] {
  const ofTrust = new Set(trust.flatMap(({ clauses }) => clauses.map(({ key }) => key)));
  const named = keysOfPolicies(account, node);
  return [
    ...new Set([
      ...[...ofTrust].filter((key) => named.has(key)),
      ...[...named].filter(isAddition),
      ...tagsToSend(account, node),
    ]),
  ].sort();
}

const keysOfPolicies = (account: AccountAccess, node: PrincipalNode): ReadonlySet<string> =>
  account.evaluator.namedKeys(everyPolicy(policiesOf(account, node)), ASSUME_LOWER);

/** At most this many tags are tried whose keys the caller's policies name. */
const MOST_TAGS = 4;

/** The tags whose keys the caller's policies ask for (`aws:TagKeys`). */
const tagsToSend = (account: AccountAccess, node: PrincipalNode): string[] =>
  account.evaluator
    .namedValues(everyPolicy(policiesOf(account, node)), ASSUME_LOWER, 'aws:tagkeys')
    .filter((name) => /^[^*?$]+$/.test(name))
    .slice(0, MOST_TAGS)
    .map((name) => `${REQUEST_TAG}${name.toLowerCase()}`);

const clausesOfTrust = (trust: readonly TrustStatement[], key: string): PlacedClause[] =>
  trust.flatMap(({ clauses, hasVariables }) =>
    clauses.flatMap((clause) => (clause.key === key ? [{ clause, hasVariables }] : [])),
  );

/** @param sent keys that the request has */
function answerTo(account: AccountAccess, node: PrincipalNode, role: PrincipalNode, sent: Chosen): AssumeAnswer {
  const answer = trustAnswer(account, node, role, sent);
  if (answer === null) return NOT_ALLOWED;
  const isSameAccount = node.accountId === role.accountId;
  const ask = (parts?: Parts): AssumeAnswer => {
    const verdicts = answer.actions.map((action) =>
      mayDo(account, node, action, role.arn, resourceKeys(role, answer.chosen), parts),
    );
    return { truth: allOf(verdicts.map(({ truth }) => truth)), grounds: verdicts.flatMap(({ grounds }) => grounds) };
  };
  const byPolicy = ask();
  const withoutIdentity = (needsBoundary: boolean): Truth => ask({ needsIdentity: false, needsBoundary }).truth;
  const ways: Truth[] = [allOf([anyOf(waysIn(answer)), byPolicy.truth])];
  if (isSameAccount) {
    ways.push(allOf([answer.by.session, withoutIdentity(false)]), allOf([answer.by.principal, withoutIdentity(true)]));
  }
  const needsPolicy = allOf(ways.slice(1).length === 0 ? [false] : [anyOf(ways.slice(1))]) !== true;
  return {
    truth: anyOf(ways),
    grounds: uniqueGrounds([...answer.grounds, ...(needsPolicy ? byPolicy.grounds : [])]),
  };
}

/** What a request to assume a role may also contain, and the action that it needs besides sts:AssumeRole. */
const additions: readonly { readonly action: string; readonly isSentBy: (key: string) => boolean }[] = [
  {
    action: 'sts:TagSession',
    isSentBy: (key) => key.startsWith(REQUEST_TAG) || key === 'aws:tagkeys' || key === 'sts:transitivetagkeys',
  },
  { action: 'sts:SetSourceIdentity', isSentBy: (key) => key === 'sts:sourceidentity' },
];

const isAddition = (key: string): boolean => additions.some(({ isSentBy }) => isSentBy(key));

/** What a trust policy says about the best request that a caller may send. */
interface BestTrust extends TrustAnswer {
  readonly truth: Truth;
  /** sts:AssumeRole, and the actions that the request also needs. */
  readonly actions: readonly string[];
  /** The keys of those other actions. */
  readonly chosen: ExtraKeys;
}

/** What the role's trust policy says; null if it certainly does not let the principal in. */
function trustAnswer(
  account: AccountAccess,
  node: PrincipalNode,
  role: PrincipalNode,
  wanted: Chosen = new Map(),
): BestTrust | null {
  const statements = role.trust;
  if (statements === null) return null;
  account.work.count();
  const caller = { ...node, hasBoundary: node.policies.boundary !== null };
  const ask = (values: Chosen): BestTrust => {
    const chosen = chosenKeys(values);
    const context = contextFor(account, node, resourceKeys(role, chosen));
    const sent = new Map([...values].filter(([key, value]) => value !== 'absent' && isAddition(key)));
    const actions = additions.flatMap(({ action, isSentBy }) => ([...sent.keys()].some(isSentBy) ? [action] : []));
    const answer = trustTruth(statements, caller, ASSUME_LOWER, context);
    const others = actions.map((action) =>
      anyOf(waysIn(trustTruth(statements, caller, action.toLowerCase(), context))),
    );
    const by = {
      account: allOf([answer.by.account, ...others]),
      principal: allOf([answer.by.principal, ...others]),
      session: allOf([answer.by.session, ...others]),
    };
    return {
      ...answer,
      by,
      truth: anyOf(Object.values(by)),
      actions: [ASSUME, ...actions],
      chosen: sending(new Map([...wanted, ...sent])),
    };
  };
  const best = bestChoice(
    ask,
    (key) => {
      const named = statements.flatMap(({ clauses }) => clauses.flatMap((one) => (one.key === key ? one.values : [])));
      return valuesToTry(key, named, account.facts.partition, contextFor(account, node, resourceKeys(role)));
    },
    wanted,
  );
  return best.truth === false ? null : best;
}

const waysIn = ({ by }: TrustAnswer): readonly Truth[] => Object.values(by);

/** The chosen keys of a request, which has no other tags and source identity. */
function sending(values: Chosen): ExtraKeys {
  const chosen = chosenKeys(values);
  return (key) => chosen(key) ?? (isAddition(key) ? 'absent' : null);
}

/** The chosen keys of a request. `aws:TagKeys` has the names of the tags that are sent. */
export function chosenKeys(values: Chosen): ExtraKeys {
  const tags = [...values].flatMap(([key, value]) =>
    key.startsWith(REQUEST_TAG) && value !== 'absent' ? [key.slice(REQUEST_TAG.length)] : [],
  );
  return (key) => values.get(key) ?? (key === 'aws:tagkeys' && tags.length > 0 ? tags : null);
}

/** Finds the roles that principals of the account may assume: of their own account, or of other accounts. */
export class AssumableRoles {
  /** Roles that trust a user or role by its ARN, without condition, by that ARN. */
  readonly #byNamed = new Map<string, PrincipalNode[]>();
  /** Roles that trust the whole account without condition. Their trust policy answers the same for all principals. */
  readonly #open: readonly PrincipalNode[];
  /** Roles with the same trust policy, which is evaluated for each principal: it has conditions, exceptions or a Deny. */
  readonly #others = new Map<string, ConditionalTrust>();
  #last: { readonly node: PrincipalNode; readonly groups: readonly TargetGroup[] } | null = null;

  constructor(
    private readonly account: AccountAccess,
    private readonly finder: TargetFinder,
    /** Sorted by ARN. Roles with the same `trustKey` have the same trust policy. */
    private readonly roles: readonly PrincipalNode[] = account.roles,
  ) {
    const { accountId } = account.facts;
    const open: PrincipalNode[] = [];
    for (const role of roles) {
      const about = (role.trust ?? []).filter((one) => mayNameAccount(one, accountId));
      if (!about.some(({ allows }) => allows)) continue;
      if (!about.every(isPlain)) {
        const key = dependsOnRole(role) ? role.arn : role.trustKey;
        const known = this.#others.get(key);
        if (known === undefined)
          this.#others.set(key, { roles: [role], needed: neededTag(about), needsPolicy: namesOnlyAccounts(about) });
        else known.roles.push(role);
        continue;
      }
      const names = about.flatMap(({ principals }) =>
        principals.flatMap(({ type, name }) => (type === 'aws' ? [name] : [])),
      );
      // A statement that names a principal of this account may also name other accounts.
      if (names.some((name) => isAccountName(name) && name.includes(accountId))) open.push(role);
      for (const name of new Set(names)) if (!isAccountName(name)) addTo(this.#byNamed, name, role);
    }
    this.#open = open;
  }

  /** The roles that `node` may assume, itself excluded. Keeps the last answer, because several ways ask for it. */
  of(node: PrincipalNode): readonly TargetGroup[] {
    if (this.#last?.node === node) return this.#last.groups;
    const named = this.#byNamed.get(node.arn) ?? [];
    const isNamed = new Set(named);
    const open = this.#allowed(node, this.#open, 'open roles', namesAccount).map((group) => ({
      ...group,
      targets: isNamed.size === 0 ? group.targets : group.targets.filter((one) => !isNamed.has(one)),
    }));
    const isPossible = this.#possible(node);
    const asksForMore = [...keysOfPolicies(this.account, node)].some(isAddition);
    const groups = [
      ...(asksForMore ? this.#oneByOne(node, this.#open.filter(letsSendMore).filter(isPossible)) : []),
      ...open.filter(({ targets }) => targets.length > 0),
      ...this.#oneByOne(node, named),
      ...[...this.#others].flatMap(([key, { roles, needed, needsPolicy }]) =>
        mayHaveTag(node, needed) && (!needsPolicy || roles.some(isPossible)) ? this.#byTrust(node, key, roles) : [],
      ),
    ];
    this.#last = { node, groups };
    return groups;
  }

  /** Whether a principal's policies may allow it to assume a role. */
  #possible(node: PrincipalNode): (role: PrincipalNode) => boolean {
    if (this.#others.size === 0 && this.#open.length === 0) return () => false;
    const possible = possibleTargets(this.account, node, { action: ASSUME }, this.roles);
    if (possible === this.roles) return () => true;
    const members = new Set(possible);
    return (role) => members.has(role);
  }

  /** Those of these roles that `node` may assume. */
  among(node: PrincipalNode, roles: readonly PrincipalNode[]): readonly TargetGroup[] {
    return this.#oneByOne(node, roles);
  }

  /** Roles with the same trust policy. */
  #byTrust(node: PrincipalNode, key: string, roles: readonly PrincipalNode[]): readonly TargetGroup[] {
    const [first] = roles;
    const answer = first === undefined ? null : trustAnswer(this.account, node, first);
    if (first === undefined || answer === null) return [];
    if (keysToChoose(this.account, node, first.trust ?? []).length > 0) return this.#oneByOne(node, roles);
    // Across accounts the principal's own policies must allow the call, whatever the trust policy names.
    if (first.accountId !== node.accountId) {
      return this.#allowed(node, roles, `trust ${key}`, { ...answer, by: { account: answer.truth } });
    }
    const direct = anyOf([answer.by.session, answer.by.principal]);
    if (direct !== false) return this.#oneByOne(node, roles);
    return this.#allowed(node, roles, `trust ${key}`, answer);
  }

  /** Roles whose trust policy names the account: the principal's own policies must allow the call. */
  #allowed(
    node: PrincipalNode,
    roles: readonly PrincipalNode[],
    name: string,
    trust: Pick<BestTrust, 'actions' | 'chosen' | 'grounds'> & { readonly by: { readonly account: Truth } },
  ): readonly TargetGroup[] {
    const keys = keysOf(trust.by.account);
    const requests = trust.actions.map((action) => ({ action, extra: trust.chosen }));
    return this.finder.find(node, requests, roles, `${name} ${trust.actions.join(' ')}`).map((group) => ({
      targets: group.targets,
      keys: keys.length === 0 ? group.keys : [...new Set([...group.keys, ...keys])].sort(),
      grounds: uniqueGrounds([...trust.grounds, ...group.grounds]),
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

/** Roles with the same trust policy. */
interface ConditionalTrust {
  readonly roles: PrincipalNode[];
  readonly needed: NeededTag | null;
  /** Whether the caller's own policies must allow the call. */
  readonly needsPolicy: boolean;
}

interface NeededTag {
  readonly key: string;
  readonly values: readonly string[];
}

/** A tag that every caller must have; null: not known. Most roles of an account may trust the callers of one team each. */
function neededTag(statements: readonly TrustStatement[]): NeededTag | null {
  const [first, ...others] = statements.filter((one) => one.allows && coversAction(one, ASSUME_LOWER));
  if (first === undefined || others.length > 0) return null;
  const clause = first.clauses.find(
    ({ operator, key, values }) =>
      operator === 'stringequals' && principalTagOf(key) !== null && !values.some((value) => value.includes('${')),
  );
  return clause === undefined ? null : { key: principalTagOf(clause.key) ?? '', values: clause.values };
}

const namesOnlyAccounts = (statements: readonly TrustStatement[]): boolean =>
  statements
    .filter((one) => one.allows && coversAction(one, ASSUME_LOWER))
    .every(
      ({ exceptThese, principals }) =>
        !exceptThese &&
        principals.every(({ type, name }) => type !== 'everyone' && (type !== 'aws' || isAccountName(name))),
    );

function mayHaveTag(node: PrincipalNode, needed: NeededTag | null): boolean {
  if (needed === null || node.mayHaveSessionTags) return true;
  const value = tagsOf(node).get(needed.key);
  return value !== undefined && needed.values.includes(value);
}

/** Whether a statement answers the same for all principals that it names, without conditions. */
const isPlain = ({ allows, exceptThese, clauses, principals, actions, exceptActions }: TrustStatement): boolean =>
  allows &&
  !exceptThese &&
  clauses.length === 0 &&
  !exceptActions &&
  actions.some((action) => action === 'sts:assumerole' || action === 'sts:*' || action === '*') &&
  principals.every(({ type, name }) => type !== 'everyone' && (type !== 'aws' || isPlainName(name)));

/** Whether the trust policy lets its callers send session tags or a source identity. */
const letsSendMore = ({ trust }: PrincipalNode): boolean =>
  (trust ?? []).some((one) => one.allows && additions.some(({ action }) => coversAction(one, action.toLowerCase())));

/** Whether the trust policy's answer depends on the role's tags. */
const dependsOnRole = ({ trust }: PrincipalNode): boolean => dependsOnTagsOf(trust ?? [], resourceTagOf);

const namesAccount = {
  actions: [ASSUME],
  chosen: (key: string): 'absent' | null => (isAddition(key) ? 'absent' : null),
  grounds: [{ policy: 'trust policy', statement: 'names the account' }],
  by: { account: true },
};

const isAccountName = (name: string): boolean => /^(\d{12}|arn:[^:]*:iam::\d{12}:root)$/.test(name);

/** A name that means one user or role, or the account. */
const isPlainName = (name: string): boolean =>
  isAccountName(name) || /^arn:[^:]*:iam::\d{12}:(user|role)\/[^*?]+$/.test(name);
