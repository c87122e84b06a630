import { everyPolicy } from '../evaluation/permissions.ts';
import type { TrustStatement } from '../trust/trust-statement.ts';
import { permissionChanges } from './abilities/abilities.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { contextFor, policiesOf, resourceKeys, tagsOf } from './requests.ts';
import { changesByStatement, dependsOnTagsOf, principalTagOf, resourceTagOf, rulesOfTrust } from './tag-rules.ts';
import { changesOf, tagsInWords, type TagValues } from './tag-values.ts';

/** A change of a principal's tags that may decide its requests. */
export interface DecisiveTags {
  /** What is set or removed: one of both. */
  readonly tags: TagValues;
  /** Whether the principal's own policies name them, not only the trust policies of roles. */
  readonly isOwn: boolean;
}

/** At most this many changes of its tags are tried for a principal. */
const MOST_CHANGES = 20;

const VARIABLE = /\$\{(aws:principaltag|aws:resourcetag|iam:resourcetag)\/([^},]+)[^}]*\}/gi;

interface Clause {
  readonly key: string;
  readonly values: readonly string[];
}

/** The tags on which answers in an account depend, by the conditions and variables of its policies. */
export class TagConditions {
  /** Roles whose trust policies decide by their own tags. */
  readonly taggedTrust: ReadonlySet<PrincipalNode>;
  /** Roles whose trust policies decide by the caller's tags, the most powerful first, one for each different policy. */
  readonly #trusting: readonly PrincipalNode[];
  readonly #ofNode = new WeakMap<PrincipalNode, readonly DecisiveTags[]>();
  readonly #values = new Map<string, readonly string[]>();
  #byPower: readonly PrincipalNode[] | null = null;

  /** @param outside roles of other accounts whose trust policies decide by the caller's tags */
  constructor(
    private readonly account: AccountAccess,
    outside: readonly PrincipalNode[] = [],
  ) {
    const { roles } = account;
    this.taggedTrust = new Set(roles.filter(({ trust }) => dependsOnTagsOf(trust ?? [], resourceTagOf)));
    const trusting = [...roles, ...outside].filter(({ trust }) => dependsOnTagsOf(trust ?? [], principalTagOf));
    const different = new Map(trusting.map((role) => [dependsOnRole(role) ? role.arn : role.trustKey, role]));
    this.#trusting = [...different.values()].sort((a, b) => strengthOf(b) - strengthOf(a));
  }

  /** The changes of a principal's tags that may decide what it may do, or with whom. */
  of(node: PrincipalNode): readonly DecisiveTags[] {
    const known = this.#ofNode.get(node);
    if (known !== undefined) return known;
    const found = new Map<string, DecisiveTags>();
    for (const change of this.#changes(node)) {
      const tags = changesOf(node, change.tags);
      const name = tagsInWords(tags);
      if (tags.size > 0 && !found.has(name)) found.set(name, { ...change, tags });
      if (found.size >= MOST_CHANGES) break;
    }
    const changes = [...found.values()];
    this.#ofNode.set(node, changes);
    return changes;
  }

  *#changes(node: PrincipalNode): Generator<DecisiveTags> {
    const policies = everyPolicy(policiesOf(this.account, node));
    const tags = tagsOf(node);
    const context = contextFor(this.account, node, () => null);
    for (const { statement, hasVariables } of this.account.evaluator.statementsOf(policies)) {
      const { allows, conditions, resources } = statement;
      const needed = changesByStatement({ allows, clauses: conditions, hasVariables }, tags, context, principalTagOf);
      for (const change of needed) yield* oneKind(change, true);
      if (!hasVariables) continue;
      for (const one of this.#compared(conditions)) yield { tags: one, isOwn: true };
      for (const pattern of resources?.patterns ?? []) {
        for (const one of this.#inResource(pattern)) yield { tags: one, isOwn: true };
      }
    }
    for (const role of this.#trusting) {
      const rules = rulesOfTrust(this.account, node, role, principalTagOf, resourceKeys(role));
      for (const change of rules?.changesFor(role.arn, tags) ?? []) yield* oneKind(change, false);
    }
  }

  /** The caller's tag in a comparison with a tag of the resource: with the values that the account's principals have. */
  *#compared(clauses: readonly Clause[]): Generator<TagValues> {
    for (const { key, values } of clauses) {
      const own = principalTagOf(key);
      const compared = resourceTagOf(key);
      for (const value of values) {
        for (const [whole, prefix = '', name = ''] of value.matchAll(VARIABLE)) {
          const tag = name.toLowerCase();
          const isOwn = prefix.toLowerCase() === 'aws:principaltag';
          if (own !== null && !isOwn) for (const one of this.#valuesOf(tag)) yield new Map([[own, one]]);
          if (!isOwn || own !== null) continue;
          const pattern = patternAround(value, whole);
          for (const one of this.#valuesOf(compared ?? tag)) {
            const inside = compared === null ? one : pattern.exec(one)?.[1];
            if (inside !== undefined) yield new Map([[tag, inside]]);
          }
        }
      }
    }
  }

  /** The caller's tag in the ARN of a resource: what makes it the ARN of a user or role of the account. */
  *#inResource(pattern: string): Generator<TagValues> {
    const [variable, ...others] = [...pattern.matchAll(VARIABLE)];
    if (variable === undefined || others.length > 0) return;
    const [whole, prefix = '', name = ''] = variable;
    if (prefix.toLowerCase() !== 'aws:principaltag') return;
    const matches = patternAround(pattern, whole);
    const found = this.#principalsByPower().flatMap(({ arn }) => matches.exec(arn)?.[1] ?? []);
    for (const value of new Set(found)) yield new Map([[name.toLowerCase(), value]]);
  }

  /** The values of a tag that the account's principals have, those of administrators first. */
  #valuesOf(key: string): readonly string[] {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const values = [...new Set(this.#principalsByPower().flatMap((node) => tagsOf(node).get(key) ?? []))];
    this.#values.set(key, values);
    return values;
  }

  #principalsByPower(): readonly PrincipalNode[] {
    this.#byPower ??= [...this.account.principals].sort((a, b) => strengthOf(b) - strengthOf(a));
    return this.#byPower;
  }
}

/** A request sets tags or removes some, so a change with both is made up of two. */
function* oneKind(tags: TagValues, isOwn: boolean): Generator<DecisiveTags> {
  const removed = new Map([...tags].filter(([, value]) => value === null));
  const set = new Map([...tags].filter(([, value]) => value !== null));
  for (const part of [set, removed]) if (part.size > 0) yield { tags: part, isOwn };
}

/** What stands in the place of a variable in texts that a pattern matches. */
function patternAround(pattern: string, variable: string): RegExp {
  const [before = '', after = ''] = pattern.split(variable).map(asRegExp);
  return new RegExp(`^${before}([^/:*]+?)${after}$`);
}

const asRegExp = (pattern: string): string =>
  pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');

const hasVariable = ({ hasVariables, clauses }: TrustStatement): boolean =>
  hasVariables && clauses.some(({ values }) => values.some((value) => value.includes('${')));

const dependsOnRole = ({ trust }: PrincipalNode): boolean =>
  (trust ?? []).some(hasVariable) || dependsOnTagsOf(trust ?? [], resourceTagOf);

/** Higher: more is gained by it. */
export function strengthOf({ isAdministrator, power }: PrincipalNode): number {
  if (isAdministrator) return 2;
  return power !== null && (power.somewhere & permissionChanges) !== 0n ? 1 : 0;
}
