import { everyPolicy } from '../evaluation/permissions.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { policiesOf } from './requests.ts';

/** A tag that may decide a request. `value` null: that the principal does not have the tag. */
export interface DecisiveTag {
  /** In lower case: IAM compares tag keys so. */
  readonly key: string;
  readonly value: string | null;
  /** Whether the principal's own policies name it, not only the trust policies of roles. */
  readonly isOwn: boolean;
}

/** What policies say about the tags of the caller (`principal`) or of the user or role that it calls for (`resource`). */
export type TagSide = 'principal' | 'resource';

/** At most this many tags are tried for a principal. */
const MOST_TAGS = 20;

const keyPattern: Readonly<Record<TagSide, RegExp>> = {
  principal: /^aws:principaltag\/(.+)$/,
  resource: /^(?:aws|iam):resourcetag\/(.+)$/,
};
const VARIABLE = /\$\{aws:principaltag\/([^},]+)[^}]*\}/gi;

type Tag = Omit<DecisiveTag, 'isOwn'>;

interface Clause {
  readonly key: string;
  readonly values: readonly string[];
}

/** The tags on which answers in an account depend, by the conditions and variables of its policies. */
export class TagConditions {
  readonly #ofTrust: Readonly<Record<TagSide, readonly DecisiveTag[]>>;
  readonly #known = {
    principal: new WeakMap<PrincipalNode, readonly DecisiveTag[]>(),
    resource: new WeakMap<PrincipalNode, readonly DecisiveTag[]>(),
  };
  readonly #values = new Map<string, readonly string[]>();

  constructor(private readonly account: AccountAccess) {
    const clauses = account.roles.flatMap(({ trust }) => (trust ?? []).flatMap((statement) => statement.clauses));
    const ofTrust = (side: TagSide): readonly DecisiveTag[] => [
      ...byText(this.#inClauses(clauses, side).map((tag) => ({ ...tag, isOwn: false }))).values(),
    ];
    this.#ofTrust = { principal: ofTrust('principal'), resource: ofTrust('resource') };
  }

  /** The tags that decide what a principal may do, or with whom. */
  of(node: PrincipalNode, side: TagSide): readonly DecisiveTag[] {
    const known = this.#known[side].get(node);
    if (known !== undefined) return known;
    const tags = this.#find(node, side);
    this.#known[side].set(node, tags);
    return tags;
  }

  #find(node: PrincipalNode, side: TagSide): readonly DecisiveTag[] {
    const policies = everyPolicy(policiesOf(this.account, node));
    const tags: Tag[] = [];
    for (const { statement } of this.account.evaluator.statementsOf(policies)) {
      tags.push(...this.#inClauses(statement.conditions, side));
      if (side === 'principal') {
        for (const pattern of statement.resources?.patterns ?? []) tags.push(...this.#inResource(pattern));
      }
    }
    const ofPolicies = tags.map((tag) => ({ ...tag, isOwn: true }));
    const unique = byText([...this.#ofTrust[side], ...ofPolicies]);
    const own = ownTags(node);
    return [...unique.values()]
      .filter(({ key, value }) => side === 'resource' || (own.get(key) ?? null) !== value)
      .sort((a, b) => Number(b.isOwn) - Number(a.isOwn))
      .slice(0, MOST_TAGS);
  }

  #inClauses(clauses: readonly Clause[], side: TagSide): Tag[] {
    return clauses.flatMap(({ key: full, values }) => {
      const key = keyPattern[side].exec(full)?.[1];
      const named = key === undefined ? [] : values.flatMap((value) => this.#sample(value, key));
      const other = key === undefined ? [] : ['any', null];
      const own = [...new Set([...named, ...other])].flatMap((value) => (key === undefined ? [] : [{ key, value }]));
      return side === 'principal' ? [...own, ...this.#comparedWith(full, values)] : own;
    });
  }

  /** A text that a value of a condition matches; for a variable, the values that principals have. */
  #sample(value: string, key: string): readonly string[] {
    return value.includes('${') ? this.#valuesOf(key) : [value.replaceAll('*', 'x').replaceAll('?', 'x')];
  }

  /** The caller's tag in a condition on another key, such as a tag of the resource. */
  #comparedWith(full: string, values: readonly string[]): Tag[] {
    const compared = keyPattern.resource.exec(full)?.[1];
    return values.flatMap((value) =>
      [...value.matchAll(VARIABLE)].flatMap(([, name = '']) => {
        const key = name.toLowerCase();
        return this.#valuesOf(compared ?? key).map((one) => ({ key, value: one }));
      }),
    );
  }

  /** The caller's tag in the ARN of a resource: what makes it the ARN of a user or role of the account. */
  #inResource(pattern: string): Tag[] {
    const [variable, ...others] = [...pattern.matchAll(VARIABLE)];
    if (variable === undefined || others.length > 0) return [];
    const [before = '', after = ''] = pattern.split(variable[0]).map(asRegExp);
    const matches = new RegExp(`^${before}([^/:*]+?)${after}$`);
    const values = this.account.principals.flatMap(({ arn }) => matches.exec(arn)?.[1] ?? []);
    return [...new Set(values)].map((value) => ({ key: (variable[1] ?? '').toLowerCase(), value }));
  }

  /** The values of a tag that the account's principals have, those of administrators first. */
  #valuesOf(key: string): readonly string[] {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const byPower = [...this.account.principals].sort((a, b) => Number(b.isAdministrator) - Number(a.isAdministrator));
    const values = [...new Set(byPower.flatMap((node) => ownTags(node).get(key) ?? []))];
    this.#values.set(key, values);
    return values;
  }
}

const byText = (tags: readonly DecisiveTag[]): ReadonlyMap<string, DecisiveTag> =>
  new Map(tags.map((tag) => [`${tag.key}=${tag.value ?? ''}`, tag]));

const ownTags = ({ tags }: PrincipalNode): ReadonlyMap<string, string> =>
  new Map(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]));

const asRegExp = (pattern: string): string =>
  pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');

/** A principal's tags after one of them is set or removed. */
export function withTag({ tags }: PrincipalNode, { key, value }: Tag): Readonly<Record<string, string>> {
  const others = Object.entries(tags).filter(([name]) => name.toLowerCase() !== key);
  return Object.fromEntries(value === null ? others : [...others, [key, value]]);
}
