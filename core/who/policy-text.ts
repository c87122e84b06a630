import { actionMatcher, isEverything } from '../policies/action-pattern-parts.ts';
import { policyName, type StoredPolicies } from '../policies/read-policies.ts';
import { readStatements, type Patterns, type PolicyStatement } from '../policies/statements.ts';
import { wildcardPattern } from '../policies/wildcards.ts';

/** The action, and the resource if any, that `who` asks about. */
export interface Question {
  /** `service:Action`. */
  readonly action: string;
  /** Null: any resource. */
  readonly resource: string | null;
}

/** A statement that grants the action. */
export interface GrantingStatement {
  readonly policy: string;
  /** Its Sid, or its number: `statement 2`. */
  readonly statement: string;
}

/**
 * Whether the text of a principal's policies grants the action. SCPs are not considered, and conditions not evaluated.
 */
export type TextAnswer =
  | {
      readonly kind: 'granted';
      readonly by: readonly GrantingStatement[];
      /** Null: every resource, or the resource in the question. */
      readonly resources: readonly string[] | null;
      /** Condition keys that it depends on, also of Deny statements and the boundary; empty if there are none. */
      readonly conditions: readonly string[];
    }
  | { readonly kind: 'notGranted' }
  | { readonly kind: 'unknown'; readonly reason: string };

const NOT_GRANTED: TextAnswer = { kind: 'notGranted' };

/** Evaluates the policy text. In doubt it answers "granted": only a Deny that certainly applies removes the grant. */
export function evaluatePolicyText({ policies, boundary }: StoredPolicies, question: Question): TextAnswer {
  const unknown: string[] = [];
  const by: (GrantingStatement & { readonly statement: string; readonly of: PolicyStatement })[] = [];
  const conditions = new Set<string>();
  for (const policy of policies) {
    const name = policyName(policy);
    const statements = statementsAbout(policy.document, question);
    if (statements === null) unknown.push(name);
    for (const of of statements ?? []) {
      if (of.allows) {
        if (mayReach(of, question)) by.push({ policy: name, statement: of.sid ?? `statement ${of.number}`, of });
      } else if (surelyDenies(of, question)) return NOT_GRANTED;
      else for (const key of keysOfDenial(of, question)) conditions.add(key);
    }
  }
  if (by.length === 0) {
    return unknown.length === 0
      ? NOT_GRANTED
      : { kind: 'unknown', reason: `The content of ${unknown.join(', ')} is not known.` };
  }
  const within = boundary === null ? [] : boundaryConditions(boundary.document, question);
  if (within === null) return NOT_GRANTED;
  // If one statement grants it without conditions, the conditions of other statements do not matter.
  const isUnconditional = by.some(({ of }) => of.conditionKeys.length === 0);
  const own = isUnconditional ? [] : by.flatMap(({ of }) => of.conditionKeys);
  return {
    kind: 'granted',
    by: by.map(({ policy, statement }) => ({ policy, statement })),
    resources: question.resource === null ? namedResources(by.map(({ of }) => of)) : null,
    conditions: [...new Set([...own, ...conditions, ...within])].sort(),
  };
}

/** The statements that match the action; null if the policy is not known or can't be parsed. */
function statementsAbout(document: string | null, { action }: Question): PolicyStatement[] | null {
  const read = document === null ? null : readStatements(document);
  if (read === null || read.kind === 'unreadable') return null;
  return read.statements.filter(({ actions }) => actionMatcher(actions)(action.toLowerCase()));
}

/**
 * Condition keys that the boundary adds; null if it does not allow the action. An unreadable boundary counts as one.
 */
function boundaryConditions(document: string | null, question: Question): string[] | null {
  const statements = statementsAbout(document, question);
  if (statements === null) return ['a boundary that is not known'];
  if (statements.some((one) => !one.allows && surelyDenies(one, question))) return null;
  const allows = statements.filter((one) => one.allows && mayReach(one, question));
  if (allows.length === 0) return null;
  const isUnconditional = allows.some(({ conditionKeys }) => conditionKeys.length === 0);
  return [
    ...(isUnconditional ? [] : allows.flatMap(({ conditionKeys }) => conditionKeys)),
    ...statements.flatMap((one) => (one.allows ? [] : keysOfDenial(one, question))),
  ];
}

/** The resources that the statements name; null if they mean all resources or cannot be listed. */
function namedResources(statements: readonly PolicyStatement[]): string[] | null {
  const lists = statements.map(({ resources }) =>
    resources === null || resources.not || resources.patterns.some(isEverything) ? null : resources.patterns,
  );
  return lists.includes(null) ? null : [...new Set(lists.flatMap((list) => list ?? []))].sort();
}

const VARIABLE = /\$\{[^}]*\}/g;

/** Whether a statement may match the resource. A variable may have any value. */
function mayReach({ resources }: PolicyStatement, { resource }: Question): boolean {
  if (resources === null) return false;
  if (resource === null) return true;
  return reaches(resources, resource, (pattern) =>
    // In a NotResource, a variable may have a value that does not exclude the resource.
    resources.not && pattern.includes('${') ? null : pattern.replace(VARIABLE, '*'),
  );
}

function surelyDenies({ resources, conditionKeys }: PolicyStatement, { resource }: Question): boolean {
  if (conditionKeys.length > 0 || resources === null) return false;
  if (resource === null) return !resources.not && resources.patterns.some(isEverything);
  return reaches(resources, resource, (pattern) =>
    resources.not ? pattern.replace(VARIABLE, '*') : pattern.includes('${') ? null : pattern,
  );
}

/** A Deny that does not certainly apply adds its condition keys, if it may match the resource. */
const keysOfDenial = (denial: PolicyStatement, question: Question): readonly string[] =>
  mayReach(denial, question) ? denial.conditionKeys : [];

/** @param withoutVariables gives a pattern without variables, or null to ignore the pattern */
function reaches(resources: Patterns, resource: string, withoutVariables: (pattern: string) => string | null): boolean {
  const matches = resources.patterns.some((pattern) => {
    const plain = withoutVariables(pattern);
    return plain !== null && wildcardPattern(plain)(resource);
  });
  return matches !== resources.not;
}
