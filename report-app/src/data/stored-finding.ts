import { OWN_ARN, OWN_NAME } from '../../../core/contract/report/report-data.ts';
import type { AccessPath, Finding } from './model.ts';

/** The part of the evidence that findings share. */
export interface SharedLists {
  readonly value: Readonly<Record<string, unknown>>;
  readonly paths: readonly AccessPath[];
}

/** The data that a finding's texts and evidence are made of when they are first needed. */
interface Stored {
  /** What the placeholders stand for; null: there are none. */
  readonly own: { readonly arn: string; readonly name: string } | null;
  readonly texts: { readonly title: string; readonly detail: string };
  readonly lists: SharedLists;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Eager = Omit<Finding, 'title' | 'detail' | 'evidence' | 'paths' | 'sharedPaths'>;

/** A finding whose texts are put together when they are first read: 60,000 findings then need little memory and time. */
export class StoredFinding implements Finding {
  readonly id: Finding['id'];
  readonly rule: Finding['rule'];
  readonly ruleText: Finding['ruleText'];
  readonly severity: Finding['severity'];
  readonly state: Finding['state'];
  readonly accountId: Finding['accountId'];
  readonly principal: Finding['principal'];
  readonly arn: Finding['arn'];
  readonly sinceDaysAgo: Finding['sinceDaysAgo'];
  readonly exception: Finding['exception'];
  readonly #stored: Stored;
  #paths: readonly AccessPath[] | null = null;

  constructor(eager: Eager, stored: Stored) {
    this.id = eager.id;
    this.rule = eager.rule;
    this.ruleText = eager.ruleText;
    this.severity = eager.severity;
    this.state = eager.state;
    this.accountId = eager.accountId;
    this.principal = eager.principal;
    this.arn = eager.arn;
    this.sinceDaysAgo = eager.sinceDaysAgo;
    this.exception = eager.exception;
    this.#stored = stored;
  }

  get title(): string {
    return this.#own(this.#stored.texts.title);
  }

  get detail(): string {
    return this.#own(this.#stored.texts.detail);
  }

  get evidence(): Readonly<Record<string, unknown>> {
    const { fields, lists } = this.#stored;
    return { ...fields, ...this.#ownIn(lists.value) };
  }

  get sharedPaths(): readonly AccessPath[] {
    return this.#stored.lists.paths;
  }

  get paths(): readonly AccessPath[] {
    this.#paths ??= this.sharedPaths.map((path) => ({
      ...path,
      to: this.#own(path.to),
      targets: path.targets.map((target) => this.#own(target)),
      missing: path.missing.map((one) => this.#own(one)),
      steps: path.steps.map((step) => ({
        ...step,
        from: this.#own(step.from),
        to: this.#own(step.to),
        changes: step.changes === null ? null : this.#own(step.changes),
        grounds: step.grounds.map(({ policy, statement }) => {
          return { policy: this.#own(policy), statement: this.#own(statement) };
        }),
      })),
    }));
    return this.#paths;
  }

  #own(text: string): string {
    const { own } = this.#stored;
    return own === null ? text : text.replaceAll(OWN_ARN, () => own.arn).replaceAll(OWN_NAME, () => own.name);
  }

  #ownIn(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [this.#own(key), this.#ownValue(value)]));
  }

  #ownValue(value: unknown): unknown {
    if (typeof value === 'string') return this.#own(value);
    if (Array.isArray(value)) return value.map((one: unknown) => this.#ownValue(one));
    return typeof value === 'object' && value !== null ? this.#ownIn({ ...value }) : value;
  }
}
