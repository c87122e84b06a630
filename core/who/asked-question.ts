import type { PrincipalNode } from '../access/node.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { listedBriefly } from '../wording/wording.ts';
import { answerOf, type Answer } from './answer.ts';
import { assumedRole, AssumeQuestion, type AssumedRole } from './assume-question.ts';
import { evaluateQuestion } from './evaluate-question.ts';
import { catalogued, isAboutAssuming, type EvaluatedAnswer, type Question } from './question.ts';
import { resourceSide } from './resource-side.ts';
import type { RunAccess } from './run-access.ts';

const NO_POLICIES: EvaluatedAnswer = {
  kind: 'unknown',
  reason: 'The inventory contains no policies of this principal.',
};

/** Answers a question about one principal after another. */
export class AskedQuestion {
  readonly isSimulated: boolean;
  readonly #assume: AssumeQuestion | null;

  private constructor(
    private readonly access: RunAccess,
    private readonly accountIds: readonly string[],
    private readonly question: Question,
    private readonly role: AssumedRole | null,
  ) {
    this.#assume = role === null ? null : new AssumeQuestion(access, question, role);
    this.isSimulated = role === null && catalogued(question.action) !== null;
  }

  /** @throws StoreError, ValiError for a damaged line */
  static async of(access: RunAccess, question: Question): Promise<AskedQuestion> {
    const role = isAboutAssuming(question) ? await assumedRole(question, access) : null;
    return new AskedQuestion(access, await access.accountIds(), question, role);
  }

  /** Whether no principal of the account can do it, because the resource belongs to another account. */
  isClosedTo(accountId: string): boolean {
    return this.#assume === null && this.#side(accountId).kind === 'otherAccount';
  }

  async answer(record: PrincipalRecord): Promise<Answer> {
    const { question } = this;
    if (this.isClosedTo(record.accountId)) return { kind: 'cannot' };
    const account = await this.access.account(record.accountId);
    const answer = answerOf(
      record,
      await this.#evaluated(record),
      question,
      catalogued(question.action) !== null,
      account !== null && account.facts.serviceControl !== null,
    );
    const side = this.#side(record.accountId);
    if (this.#assume !== null || answer.kind !== 'can' || side.kind !== 'depends') return answer;
    const { principal } = answer;
    const conditions = [...principal.conditions, side.on];
    return { kind: 'can', principal: { ...principal, how: 'conditional', conditions } };
  }

  /** What the answer does not consider, in sentences. */
  notes(): string[] {
    const { resource, action } = this.question;
    if (this.role !== null) {
      if (this.role.kind === 'missing') return [`Account ${this.role.accountId} has no role ${resource ?? ''}.`];
      if (this.role.kind === 'notRead') {
        return [`The trust policy of ${resource ?? ''} was not read, so the answer has only the callers' side.`];
      }
      return this.role.kind === 'role' ? this.#outsiders(this.role.node) : [];
    }
    const named = resource?.split(':')[4] ?? '';
    const isElsewhere = /^\d{12}$/.test(named) && !this.accountIds.includes(named);
    return [
      ...(isElsewhere
        ? [`Account ${named} of the resource is not in this run: its own principals are not in the answer.`]
        : []),
      ...(action.toLowerCase().startsWith('kms:')
        ? ['A key policy must also let IAM policies decide, or name the principal. Key policies are not read.']
        : []),
    ];
  }

  /** Whom else the role trusts: services, identity providers, and principals outside the run. */
  #outsiders({ trust }: PrincipalNode): string[] {
    const names = (trust ?? [])
      .filter(({ allows }) => allows)
      .flatMap(({ principals }) => principals)
      .filter(({ type, name }) => type !== 'aws' || !this.accountIds.some((accountId) => name.includes(accountId)))
      .map(({ type, name }) => (type === 'everyone' ? 'everyone with an AWS account' : name));
    return names.length === 0
      ? []
      : [
          `The role also trusts ${listedBriefly([...new Set(names)], 5)}: the answer has only users and roles of this run.`,
        ];
  }

  #side(accountId: string): ReturnType<typeof resourceSide> {
    return resourceSide(this.question, accountId, this.accountIds.length);
  }

  /** Null if the run stored no policies of the account. */
  async #evaluated({ accountId, arn }: PrincipalRecord): Promise<EvaluatedAnswer | null> {
    const account = await this.access.account(accountId);
    if (account === null) return null;
    const node = account.principal(arn);
    if (node === null) return NO_POLICIES;
    return this.#assume === null ? evaluateQuestion(account, node, this.question) : this.#assume.answer(account, node);
  }
}
