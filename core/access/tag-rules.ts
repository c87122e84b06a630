import { isPartlyKnown, plainText, substitute, type ConditionContext } from '../evaluation/condition-context.ts';
import { conditionsTruth } from '../evaluation/conditions.ts';
import { everyPolicy } from '../evaluation/permissions.ts';
import { coversAction, mayNameAccount } from '../evaluation/trust-truth.ts';
import type { ConditionClause } from '../policies/statements.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import type { AccountAccess } from './account-access.ts';
import type { PrincipalNode } from './node.ts';
import { contextFor, policiesOf, possiblePattern, type ExtraKeys } from './requests.ts';
import { keyValue, type TagValues } from './tag-values.ts';

/** The tag that a condition key means, in lower case; null: the key is another. */
type TagOfKey = (key: string) => string | null;

const RESOURCE_TAG = /^(?:aws|iam):resourcetag\/(.+)$/;
const REQUEST_TAG = /^aws:requesttag\/(.+)$/;
const PRINCIPAL_TAG = /^aws:principaltag\/(.+)$/;

export const resourceTagOf: TagOfKey = (key) => RESOURCE_TAG.exec(key)?.[1] ?? null;
export const requestTagOf: TagOfKey = (key) => REQUEST_TAG.exec(key)?.[1] ?? null;
export const principalTagOf: TagOfKey = (key) => PRINCIPAL_TAG.exec(key)?.[1] ?? null;

/** Actions whose conditions may limit which tags are set. */
const TAGGING = ['iam:tagrole', 'iam:taguser', 'iam:tagpolicy', 'iam:createrole', 'iam:createuser'];
/** At most this many values are tried for a tag. */
const MOST_VALUES = 100;
/** At most this many changes of the tags are tried for a target. */
const MOST_CHANGES = 8;
/** A value that policies don't name. */
const OTHER = 'any';

/** A statement that applies if the tags are as its conditions say. */
interface Rule {
  readonly allows: boolean;
  readonly hasVariables: boolean;
  readonly isMeant: (arn: string) => boolean;
  /** Whether its other conditions hold; false: this is not known. */
  readonly isCertain: boolean;
  /** Its conditions on tags, by tag. */
  readonly byTag: ReadonlyMap<string, readonly ConditionClause[]>;
}

/**
 * What policies say about the tags of a request's target, or about the tags that the request sets. What a condition compares
 * with the caller's own name or tags is known.
 */
export class TagRules {
  /** Whether the answer may be another one with other tags. */
  readonly dependsOnTags: boolean;
  readonly #allowing: readonly Rule[];
  readonly #denying: readonly Rule[];
  readonly #candidates = new Map<string, readonly (string | null)[]>();

  constructor(
    rules: readonly Rule[],
    private readonly context: ConditionContext,
    private readonly tagOf: TagOfKey,
    /** Values that other policies name for a tag, such as those that the caller may set. */
    private readonly moreValues: (tag: string) => readonly string[],
    /** Equal for rules of the same statements. */
    readonly key = '',
  ) {
    this.#allowing = rules.filter(({ allows }) => allows);
    this.#denying = rules.filter(({ allows, byTag }) => !allows && byTag.size > 0);
    this.dependsOnTags = this.#allowing.length > 0 && rules.some(({ byTag }) => byTag.size > 0);
  }

  /**
   * The changes of a target's tags after which the policies may allow the request, the likeliest first. An empty change: they
   * may allow it already.
   */
  changesFor(arn: string, tags: TagValues): readonly TagValues[] {
    const found = new Map<string, TagValues>();
    for (const allowing of this.#allowing) {
      if (!allowing.isMeant(arn)) continue;
      let changes = this.#meeting(allowing, tags);
      for (const denying of this.#denying) {
        if (!denying.isMeant(arn)) continue;
        changes = changes.flatMap((change) => this.#avoiding(denying, allowing, tags, change)).slice(0, MOST_CHANGES);
      }
      for (const change of changes) found.set(JSON.stringify([...change]), change);
    }
    return [...found.values()].sort((a, b) => a.size - b.size).slice(0, MOST_CHANGES);
  }

  /** The changes after which a statement's conditions on tags hold. */
  #meeting({ byTag, hasVariables }: Rule, tags: TagValues): TagValues[] {
    let changes: TagValues[] = [new Map()];
    for (const [tag, clauses] of byTag) {
      if (this.#truth(clauses, hasVariables, tag, tags.get(tag) ?? null) !== false) continue;
      const values = this.#valuesOf(tag).filter((value) => this.#truth(clauses, hasVariables, tag, value) === true);
      changes = changes
        .flatMap((change) => values.map((value) => new Map([...change, [tag, value]])))
        .slice(0, MOST_CHANGES);
    }
    return changes;
  }

  /** The changes after which also a Deny does not apply: one of its conditions does not hold. */
  #avoiding(denying: Rule, allowing: Rule, tags: TagValues, change: TagValues): TagValues[] {
    const { byTag, hasVariables } = denying;
    const valueOf = (tag: string): string | null => {
      const changed = change.get(tag);
      return changed === undefined ? (tags.get(tag) ?? null) : changed;
    };
    const truths = [...byTag].map(([tag, clauses]) => this.#truth(clauses, hasVariables, tag, valueOf(tag)));
    if (truths.includes(false)) return [change];
    const avoided = [...byTag].flatMap(([tag, clauses]) => {
      // A tag that the Allow needs has one of the values that it needs.
      const needed = allowing.byTag.get(tag) ?? [];
      return this.#valuesOf(tag)
        .filter(
          (value) =>
            this.#truth(clauses, hasVariables, tag, value) === false &&
            this.#truth(needed, allowing.hasVariables, tag, value) !== false,
        )
        .map((value) => new Map([...change, [tag, value]]));
    });
    return denying.isCertain ? avoided : [...avoided, change];
  }

  #truth(clauses: readonly ConditionClause[], hasVariables: boolean, tag: string, value: string | null) {
    const context: ConditionContext = (key) =>
      this.tagOf(key) === tag ? keyValue(new Map([[tag, value]]), tag) : this.context(key);
    return conditionsTruth(clauses, hasVariables, context);
  }

  /** Values that the conditions on a tag name, one that they don't name, and none. */
  #valuesOf(tag: string): readonly (string | null)[] {
    const known = this.#candidates.get(tag);
    if (known !== undefined) return known;
    const clauses = [...this.#allowing, ...this.#denying].flatMap(({ byTag }) => byTag.get(tag) ?? []);
    const named = clauses.flatMap(({ values }) => values.flatMap((value) => sample(value, this.context)));
    const all = [...new Set([...this.moreValues(tag), ...named])].slice(0, MOST_VALUES);
    const values = [...all, OTHER, null];
    this.#candidates.set(tag, values);
    return values;
  }
}

/** The rules of a principal's policies for an action. Null: no statement about the action is on tags. */
export function rulesOfAction(
  account: AccountAccess,
  node: PrincipalNode,
  action: string,
  tagOf: TagOfKey = resourceTagOf,
): TagRules | null {
  const context = contextFor(account, node, () => null);
  const { identity, ...limits } = policiesOf(account, node);
  const about = action.toLowerCase();
  const limiting = everyPolicy({ identity: [], ...limits });
  const statements = [
    ...account.evaluator.statementsAbout(identity, about),
    // Boundaries and SCPs only limit.
    ...[...account.evaluator.statementsAbout(limiting, about)].filter(({ statement }) => !statement.allows),
  ];
  const conditional = statements.map(({ statement }) => ({ clauses: statement.conditions }));
  if (!dependsOnTagsOf(conditional, tagOf)) return null;
  const rules = statements.flatMap(({ statement, hasVariables }) => {
    const { allows, resources, conditions } = statement;
    if (resources === null) return [];
    const patterns = resources.patterns.flatMap((pattern) => possiblePattern(pattern, context) ?? []);
    return ruleOf({ allows, clauses: conditions, hasVariables }, meant(patterns, resources.not), context, tagOf) ?? [];
  });
  const key = account.evaluator.keyOfStatements([...identity, ...limiting], about);
  return new TagRules(rules, context, tagOf, settableValues(account, node, context), key);
}

/**
 * The rules of a role's trust policy for a caller. Null: no statement is on tags.
 * @param extra keys of the request besides the caller's own ones
 */
export function rulesOfTrust(
  account: AccountAccess,
  node: PrincipalNode,
  role: PrincipalNode,
  tagOf: TagOfKey = resourceTagOf,
  extra: ExtraKeys = () => null,
): TagRules | null {
  const statements = (role.trust ?? []).filter(
    (one) => coversAction(one, 'sts:assumerole') && mayNameAccount(one, node.accountId),
  );
  if (!dependsOnTagsOf(statements, tagOf)) return null;
  const context = contextFor(account, node, extra);
  const rules = statements.flatMap((statement) => ruleOf(statement, () => true, context, tagOf) ?? []);
  return new TagRules(rules, context, tagOf, settableValues(account, node, context));
}

const VARIABLE_TAG = /\$\{((?:aws|iam):[a-z]+tag\/[^},]+)/gi;

/** Whether a condition is on a tag, or compares another key with one. */
export const dependsOnTagsOf = (statements: readonly Pick<Conditional, 'clauses'>[], tagOf: TagOfKey): boolean =>
  statements.some(({ clauses }) =>
    clauses.some(
      ({ key, values }) =>
        tagOf(key) !== null ||
        values.some((value) => [...value.matchAll(VARIABLE_TAG)].some(([, name = '']) => tagOf(name.toLowerCase()))),
    ),
  );

/** The changes of tags after which one Allow statement holds, or one Deny does not. */
export function changesByStatement(
  statement: Conditional,
  tags: TagValues,
  context: ConditionContext,
  tagOf: TagOfKey,
): readonly TagValues[] {
  if (!dependsOnTagsOf([statement], tagOf)) return [];
  const isMeant = (): boolean => true;
  const rule = ruleOf(statement, isMeant, context, tagOf);
  if (rule === null) return [];
  const anything: Rule = { allows: true, hasVariables: false, isMeant, isCertain: true, byTag: new Map() };
  const rules = new TagRules(statement.allows ? [rule] : [anything, rule], context, tagOf, () => []);
  return rules.changesFor('', tags);
}

interface Conditional {
  readonly allows: boolean;
  readonly clauses: readonly ConditionClause[];
  readonly hasVariables: boolean;
}

/** Null: the statement never applies, whatever the tags are. */
function ruleOf(
  { allows, clauses: written, hasVariables }: Conditional,
  isMeant: Rule['isMeant'],
  context: ConditionContext,
  tagOf: TagOfKey,
): Rule | null {
  const clauses = hasVariables ? written.map((clause) => aboutTag(clause, context, tagOf)) : written;
  const others = clauses.filter(({ key }) => tagOf(key) === null);
  const truth = conditionsTruth(others, hasVariables, context);
  if (truth === false) return null;
  const byTag = new Map<string, ConditionClause[]>();
  for (const clause of clauses) {
    const tag = tagOf(clause.key);
    if (tag !== null) byTag.set(tag, [...(byTag.get(tag) ?? []), clause]);
  }
  return { allows, hasVariables, isMeant, isCertain: truth === true, byTag };
}

const COMPARES = /^(?:string(?:not)?equals(?:ignorecase)?|stringlike|stringnotlike)(?:ifexists)?$/;
const ONE_VARIABLE = /^\$\{([^},]+)\}$/;

/** A condition that compares another key with a tag, turned round: then it is on the tag, with the key's known value. */
function aboutTag(clause: ConditionClause, context: ConditionContext, tagOf: TagOfKey): ConditionClause {
  const [value = '', ...others] = clause.values;
  const compared = ONE_VARIABLE.exec(value)?.[1]?.toLowerCase() ?? '';
  if (tagOf(clause.key) !== null || others.length > 0 || tagOf(compared) === null) return clause;
  const actual = COMPARES.test(clause.operator) ? context(clause.key) : 'unknown';
  if (typeof actual === 'string' || isPartlyKnown(actual)) return clause;
  const [known, ...more] = actual;
  if (known === undefined || more.length > 0) return clause;
  return { operator: clause.operator.replace('like', 'equals'), key: compared, values: [known] };
}

function meant(patterns: readonly string[], isExcepted: boolean): Rule['isMeant'] {
  if (patterns.includes('*')) return () => !isExcepted;
  const matchers = patterns.map(wildcardPattern);
  return (arn) => matchers.some((matches) => matches(arn)) !== isExcepted;
}

/** The values that the principal's policies name for a tag that it sets. */
function settableValues(account: AccountAccess, node: PrincipalNode, context: ConditionContext) {
  const policies = everyPolicy(policiesOf(account, node));
  return (tag: string): readonly string[] =>
    TAGGING.flatMap((action) => account.evaluator.namedValues(policies, action, `aws:requesttag/${tag}`)).flatMap(
      (value) => sample(value, context),
    );
}

/** A text that a value of a condition matches; none if a variable in it has no known value. */
function sample(value: string, context: ConditionContext): string[] {
  const filled = value.includes('${') ? substitute(value, context) : { kind: 'text' as const, text: value };
  return filled.kind === 'text' ? [plainText(filled.text.replaceAll('*', 'x').replaceAll('?', 'x'))] : [];
}
