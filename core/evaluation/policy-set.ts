import type { Ground } from '../contract/answers/permission.ts';
import { actionMatcher, patternsWithinService } from '../policies/action-pattern-parts.ts';
import { readStatements, type PolicyStatement } from '../policies/statements.ts';
import { LruCache } from '../streams/lru-cache.ts';
import { wildcardPattern } from '../policies/wildcards.ts';
import { literalText, patternTruth, type ConditionContext } from './condition-context.ts';
import { conditionsTruth } from './conditions.ts';
import type { PlacedClause } from './possible-values.ts';
import { allOf, anyOf, negated, type Truth } from './truth.ts';

/** A policy with its name for messages. */
export interface NamedPolicy {
  readonly name: string;
  /** JSON text; null if it is not known. */
  readonly document: string | null;
}

export interface EvaluatedRequest {
  /** `service:Action`, in lower case. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  readonly context: ConditionContext;
}

/** What the policies of one kind say together. An explicit deny wins over an allow; the caller combines them. */
export interface PolicyAnswer {
  readonly allowed: Truth;
  readonly denied: Truth;
  /** The Allow statements that hold, or that hold for some values of the unknown keys. */
  readonly grounds: readonly Ground[];
  /** The Deny statements that hold, or that hold for some values of the unknown keys. */
  readonly denials: readonly Ground[];
}

/** Stands for a policy whose content is not known among the keys that an answer depends on. */
export const contentOf = (policy: string): string => `the content of ${policy}`;

interface CompiledDocument {
  /** Null: the document can't be read, so it may allow or deny anything. */
  readonly statements: readonly PolicyStatement[] | null;
  readonly hasVariables: boolean;
  /** By action. */
  readonly byAction: Map<string, readonly PolicyStatement[]>;
}

/** Policies use variables from this version on (IAM User Guide, "IAM JSON policy elements: Version"). */
const WITH_VARIABLES = '2012-10-17';

/** Compiled documents are kept for reuse, because thousands of principals have the same few policies. */
const KEPT_DOCUMENTS = 4_000;

/** Evaluates policies. Keeps the compiled documents. */
export class PolicyEvaluator {
  readonly #documents = new LruCache<CompiledDocument>(KEPT_DOCUMENTS);
  /** Compiled documents of policies that are in use: most requests are about the same policies as the one before. */
  readonly #policies = new WeakMap<NamedPolicy, CompiledDocument | null>();
  readonly #numbers = new WeakMap<PolicyStatement, number>();
  #count = 0;

  evaluate(policies: readonly NamedPolicy[], request: EvaluatedRequest): PolicyAnswer {
    const allowed: Truth[] = [];
    const denied: Truth[] = [];
    const grounds: Ground[] = [];
    const denials: Ground[] = [];
    const notKnown: string[] = [];
    for (const policy of policies) {
      const { name } = policy;
      const compiled = this.#compiled(policy);
      if (compiled === null || compiled.statements === null) {
        notKnown.push(contentOf(name));
        continue;
      }
      for (const statement of statementsAbout(compiled, request.action)) {
        const truth = statementTruth(statement, compiled.hasVariables, request);
        if (truth === false) continue;
        const ground = { policy: name, statement: statement.sid ?? `statement ${statement.number}` };
        (statement.allows ? allowed : denied).push(truth);
        (statement.allows ? grounds : denials).push(ground);
      }
    }
    // A policy whose content is not known counts only where no other one may allow the request.
    const known = anyOf(allowed);
    const isOpen = known === false && notKnown.length > 0;
    return { allowed: isOpen ? [...new Set(notKnown)].sort() : known, denied: anyOf(denied), grounds, denials };
  }

  /** The resource patterns that the policies' Allow statements name for an action, as written. */
  allowedPatterns(policies: readonly NamedPolicy[], action: string): string[] {
    const patterns = new Set<string>();
    for (const statement of this.#statements(policies, action)) {
      if (!statement.allows || statement.resources === null) continue;
      for (const pattern of statement.resources.not ? ['*'] : statement.resources.patterns) patterns.add(pattern);
    }
    return [...patterns];
  }

  /** The resource patterns that the policies' Deny statements except (`NotResource`) for an action, as written. */
  exceptedPatterns(policies: readonly NamedPolicy[], action: string): string[] {
    const patterns = new Set<string>();
    for (const { allows, resources } of this.#statements(policies, action)) {
      if (!allows && resources?.not === true) for (const pattern of resources.patterns) patterns.add(pattern);
    }
    return [...patterns];
  }

  /**
   * The names of a service's actions that the policies' Allow statements grant, in lower case, with wildcards. Null: they
   * can't be listed, because of a NotAction or of a policy that is not known.
   * @param namespace in lower case
   */
  grantedWithin(policies: readonly NamedPolicy[], namespace: string): string[] | null {
    const names = new Set<string>();
    for (const policy of policies) {
      const statements = this.#compiled(policy)?.statements ?? null;
      if (statements === null) return null;
      for (const { allows, actions } of statements) {
        if (!allows) continue;
        if (actions.not) return null;
        for (const pattern of actions.patterns) {
          for (const name of patternsWithinService(pattern, namespace)) names.add(name.toLowerCase());
        }
      }
    }
    return [...names];
  }

  /** The values that the policies' conditions name for a condition key in statements about an action. */
  namedValues(policies: readonly NamedPolicy[], action: string, key: string): string[] {
    const values = new Set<string>();
    for (const { conditions } of this.#statements(policies, action)) {
      for (const clause of conditions) if (clause.key === key) for (const value of clause.values) values.add(value);
    }
    return [...values];
  }

  /** The condition keys of statements about an action. @param action in lower case */
  namedKeys(policies: readonly NamedPolicy[], action: string): Set<string> {
    const keys = new Set<string>();
    for (const { conditions } of this.#statements(policies, action)) for (const { key } of conditions) keys.add(key);
    return keys;
  }

  /** The conditions on a key in statements about an action. @param action in lower case */
  clausesOn(policies: readonly NamedPolicy[], action: string, key: string): PlacedClause[] {
    const found: PlacedClause[] = [];
    for (const { statement, hasVariables } of this.statementsAbout(policies, action)) {
      for (const clause of statement.conditions) if (clause.key === key) found.push({ clause, hasVariables });
    }
    return found;
  }

  /** Whether a condition of a statement about an action is on such a key. @param action in lower case */
  namesKey(policies: readonly NamedPolicy[], action: string, isSuch: (key: string) => boolean): boolean {
    for (const { conditions } of this.#statements(policies, action)) {
      if (conditions.some(({ key }) => isSuch(key))) return true;
    }
    return false;
  }

  /** All statements that can be read, and whether they may have policy variables. */
  *statementsOf(
    policies: readonly NamedPolicy[],
  ): Generator<{ readonly statement: PolicyStatement; readonly hasVariables: boolean }> {
    for (const policy of policies) {
      const compiled = this.#compiled(policy);
      for (const statement of compiled?.statements ?? []) {
        yield { statement, hasVariables: compiled?.hasVariables ?? false };
      }
    }
  }

  /** The statements about an action, and whether they may have policy variables. @param action in lower case */
  *statementsAbout(
    policies: readonly NamedPolicy[],
    action: string,
  ): Generator<{ readonly statement: PolicyStatement; readonly hasVariables: boolean }> {
    for (const policy of policies) {
      const compiled = this.#compiled(policy);
      if (compiled === null) continue;
      const { hasVariables } = compiled;
      for (const statement of statementsAbout(compiled, action)) yield { statement, hasVariables };
    }
  }

  /** Equal for two actions of a service if the policies say the same about them. @param action in lower case */
  keyOfStatements(policies: readonly NamedPolicy[], action: string): string {
    const numbers: number[] = [];
    for (const { statement } of this.statementsAbout(policies, action)) {
      const number = this.#numbers.get(statement) ?? this.#count++;
      this.#numbers.set(statement, number);
      numbers.push(number);
    }
    return numbers.join();
  }

  /** Whether a statement has conditions, or a policy is not known. */
  hasConditions(policies: readonly NamedPolicy[]): boolean {
    return policies.some(
      (policy) => this.#compiled(policy)?.statements?.some(({ conditions }) => conditions.length > 0) ?? true,
    );
  }

  /** Whether a statement denies something. */
  hasDenials(policies: readonly NamedPolicy[]): boolean {
    return policies.some((policy) => this.#compiled(policy)?.statements?.some(({ allows }) => !allows) ?? false);
  }

  /** Whether a statement denies an action in some case. */
  deniesSometimes(policies: readonly NamedPolicy[], action: string): boolean {
    for (const { allows } of this.#statements(policies, action)) if (!allows) return true;
    return false;
  }

  /** Whether the answer about an action may differ between two resources, or between two principals. */
  dependsOn(
    policies: readonly NamedPolicy[],
    action: string,
  ): { readonly resource: boolean; readonly context: boolean } {
    let resource = false;
    let context = false;
    for (const { resources, conditions } of this.#statements(policies, action)) {
      if (conditions.length > 0) context = true;
      if (resources === null || resources.not || !resources.patterns.every((one) => one === '*')) resource = true;
      if (resources?.patterns.some((one) => one.includes('${')) === true) context = true;
    }
    return { resource, context };
  }

  *#statements(policies: readonly NamedPolicy[], action: string): Generator<PolicyStatement> {
    for (const policy of policies) {
      const compiled = this.#compiled(policy);
      if (compiled !== null) yield* statementsAbout(compiled, action);
    }
  }

  #compiled(policy: NamedPolicy): CompiledDocument | null {
    const known = this.#policies.get(policy);
    if (known !== undefined) return known;
    const { document } = policy;
    const compiled = document === null ? null : this.#documents.get(document, () => compile(document));
    this.#policies.set(policy, compiled);
    return compiled;
  }
}

function compile(document: string): CompiledDocument {
  const read = readStatements(document);
  const byAction = new Map<string, readonly PolicyStatement[]>();
  if (read.kind === 'unreadable') return { statements: null, hasVariables: false, byAction };
  return { statements: read.statements, hasVariables: read.version === WITH_VARIABLES, byAction };
}

function statementsAbout({ statements, byAction }: CompiledDocument, action: string): readonly PolicyStatement[] {
  const cached = byAction.get(action);
  if (cached !== undefined) return cached;
  const about = (statements ?? []).filter(({ actions }) => actionMatcher(actions)(action));
  byAction.set(action, about);
  return about;
}

/** Whether a statement applies to a request for one of its actions. */
export function statementTruth(
  { resources, conditions }: PolicyStatement,
  hasVariables: boolean,
  { resource, context }: Pick<EvaluatedRequest, 'resource' | 'context'>,
): Truth {
  if (resources === null) return false;
  const text = literalText(resource);
  const matches = anyOf(
    resources.patterns.map((pattern) =>
      pattern === '*' ? true : patternTruth(pattern, hasVariables, context, (known) => wildcardPattern(known)(text)),
    ),
  );
  const applies = resources.not ? negated(matches) : matches;
  return applies === false ? false : allOf([applies, conditionsTruth(conditions, hasVariables, context)]);
}
