import { AssumableRoles, mayAssume } from '../access/assumable-roles.ts';
import type { AccountAccess } from '../access/account-access.ts';
import type { PrincipalNode } from '../access/node.ts';
import { TargetFinder, uniqueGrounds } from '../access/target-groups.ts';
import type { Ground } from '../contract/answers/permission.ts';
import { keysOf } from '../evaluation/truth.ts';
import { evaluateQuestion } from './evaluate-question.ts';
import { CONTENT_OF } from './not-granted.ts';
import type { EvaluatedAnswer, Question } from './question.ts';
import type { RunAccess } from './run-access.ts';

const ROLE = /^arn:[^:]+:iam::(\d{12}):role\/.+$/;

/** At most this many roles are listed for one principal. */
const MOST_ROLES = 50;

/** What is known of the role that a question names. */
export type AssumedRole =
  /** The question names no role. */
  | { readonly kind: 'any' }
  | { readonly kind: 'role'; readonly node: PrincipalNode }
  /** The account was read completely and does not have the role. */
  | { readonly kind: 'missing'; readonly accountId: string }
  /** The role's trust policy was not read. */
  | { readonly kind: 'notRead'; readonly arn: string };

export async function assumedRole({ resource }: Question, access: RunAccess): Promise<AssumedRole> {
  if (resource === null) return { kind: 'any' };
  const accountId = ROLE.exec(resource)?.[1];
  if (accountId === undefined) return { kind: 'notRead', arn: resource };
  const node = await access.principal(resource);
  if (node?.type === 'role') return node.trust === null ? { kind: 'notRead', arn: resource } : { kind: 'role', node };
  const wasRead =
    access.run.scope.principals === 'all' &&
    access.run.accounts.some((one) => one.accountId === accountId && one.status !== 'FAILED') &&
    (await access.account(accountId)) !== null;
  return wasRead ? { kind: 'missing', accountId } : { kind: 'notRead', arn: resource };
}

const NOT_GRANTED: EvaluatedAnswer = { kind: 'notGranted' };

/** Answers who can assume a role, or any role, with the trust policies of the roles. */
export class AssumeQuestion {
  readonly #assumable = new WeakMap<AccountAccess, AssumableRoles>();

  constructor(
    private readonly access: RunAccess,
    private readonly question: Question,
    private readonly role: AssumedRole,
  ) {}

  async answer(account: AccountAccess, node: PrincipalNode): Promise<EvaluatedAnswer> {
    switch (this.role.kind) {
      case 'missing':
        return NOT_GRANTED;
      case 'notRead':
        return this.#byPolicyOnly(account, node, this.role.arn);
      case 'role':
        return this.#one(account, node, this.role.node);
      case 'any':
        return this.#any(account, node);
    }
  }

  #one(account: AccountAccess, node: PrincipalNode, role: PrincipalNode): EvaluatedAnswer {
    const { truth, grounds } = mayAssume(account, node, role);
    if (truth === false) return NOT_GRANTED;
    const conditions = keysOf(truth);
    const unknown = conditions.find((one) => one.startsWith(CONTENT_OF));
    if (unknown !== undefined) return { kind: 'unknown', reason: `It depends on ${unknown}, which is not known.` };
    return { kind: 'granted', grounds, resources: null, conditions };
  }

  /** The trust policy of the role is not known, so only the principal's own side is. */
  #byPolicyOnly(account: AccountAccess, node: PrincipalNode, arn: string): EvaluatedAnswer {
    const answer = evaluateQuestion(account, node, { ...this.question, resource: arn });
    return answer.kind === 'granted'
      ? { ...answer, conditions: [...answer.conditions, `the trust policy of ${arn} allows it (not read)`] }
      : answer;
  }

  async #any(account: AccountAccess, node: PrincipalNode): Promise<EvaluatedAnswer> {
    const found: {
      readonly arns: readonly string[];
      readonly keys: readonly string[];
      readonly grounds: readonly Ground[];
    }[] = this.#rolesOf(account)
      .of(node)
      .map(({ targets, keys, grounds }) => ({
        arns: targets.filter((one) => one !== node).map(({ arn }) => arn),
        keys,
        grounds,
      }))
      .filter(({ arns }) => arns.length > 0);
    for (const role of await this.access.rolesElsewhere(node.accountId)) {
      const { truth, grounds } = mayAssume(account, node, role);
      if (truth !== false) found.push({ arns: [role.arn], keys: keysOf(truth), grounds });
    }
    for (const arn of await this.#rolesNotRead(account, node)) {
      const answer = this.#byPolicyOnly(account, node, arn);
      if (answer.kind === 'granted') found.push({ arns: [arn], keys: answer.conditions, grounds: answer.grounds });
    }
    if (found.length === 0) return NOT_GRANTED;
    const certain = found.filter(({ keys }) => keys.length === 0);
    const counted = certain.length > 0 ? certain : found;
    return {
      kind: 'granted',
      grounds: uniqueGrounds(counted.flatMap(({ grounds }) => grounds)),
      resources: [...new Set(counted.flatMap(({ arns }) => arns))].sort().slice(0, MOST_ROLES),
      conditions: [...new Set(counted.flatMap(({ keys }) => keys))].sort(),
    };
  }

  /** Roles of accounts outside the run that the principal's policies name. */
  async #rolesNotRead(account: AccountAccess, node: PrincipalNode): Promise<string[]> {
    const audited = await this.access.accountIds();
    return account.evaluator
      .allowedPatterns(node.policies.identity, 'sts:assumerole')
      .filter((pattern) => {
        const accountId = ROLE.exec(pattern)?.[1];
        return accountId !== undefined && !audited.includes(accountId);
      })
      .sort()
      .slice(0, MOST_ROLES);
  }

  #rolesOf(account: AccountAccess): AssumableRoles {
    const known = this.#assumable.get(account);
    if (known !== undefined) return known;
    const roles = new AssumableRoles(account, new TargetFinder(account));
    this.#assumable.set(account, roles);
    return roles;
  }
}
