import { actionMatcher, isEverything } from '../policies/action-pattern-parts.ts';
import { policyName, type StoredPolicies } from '../policies/read-policies.ts';
import { readStatements, type Patterns, type PolicyStatement } from '../policies/statements.ts';
import { wildcardPattern } from '../policies/wildcards.ts';

/** What somebody wants to know. */
export interface Question {
  /** `service:Action`. */
  readonly action: string;
  /** Null: any. */
  readonly resource: string | null;
}

/** A statement that grants it. */
export interface Granting {
  readonly policy: string;
  /** Its Sid, or its place: `statement 2`. */
  readonly statement: string;
}

/** What the text of a principal's policies says. Only that: nothing of SCPs, and conditions are not judged. */
export type TextAnswer =
  | {
      readonly kind: 'granted';
      readonly by: readonly Granting[];
      /** Null: every resource, or the one that was asked about. */
      readonly resources: readonly string[] | null;
      /** Keys that it hangs on, of denials and the boundary, too; empty where it hangs on none. */
      readonly conditions: readonly string[];
    }
  | { readonly kind: 'notGranted' }
  | { readonly kind: 'unknown'; readonly reason: string };

const NOT_GRANTED: TextAnswer = { kind: 'notGranted' };

/** Asks the text: who may do it is named rather once too often, so only what surely denies takes anything away. */
export function askText({ policies, boundary }: StoredPolicies, question: Question): TextAnswer {
  const unknown: string[] = [];
  const by: (Granting & { readonly statement: string; readonly of: PolicyStatement })[] = [];
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
      : { kind: 'unknown', reason: `What ${unknown.join(', ')} says is not known.` };
  }
  const within = boundary === null ? [] : boundaryConditions(boundary.document, question);
  if (within === null) return NOT_GRANTED;
  // Who has it from one statement without conditions needs none of another's.
  const free = by.some(({ of }) => of.conditionKeys.length === 0);
  const own = free ? [] : by.flatMap(({ of }) => of.conditionKeys);
  return {
    kind: 'granted',
    by: by.map(({ policy, statement }) => ({ policy, statement })),
    resources: question.resource === null ? namedResources(by.map(({ of }) => of)) : null,
    conditions: [...new Set([...own, ...conditions, ...within])].sort(),
  };
}

/** Statements that match the action; null where nobody knows them. */
function statementsAbout(document: string | null, { action }: Question): PolicyStatement[] | null {
  const read = document === null ? null : readStatements(document);
  if (read === null || read.kind === 'unreadable') return null;
  return read.statements.filter(({ actions }) => actionMatcher(actions)(action.toLowerCase()));
}

/** Keys that the boundary adds; null where it lets nobody do it. One that can't be read is no reason to say no. */
function boundaryConditions(document: string | null, question: Question): string[] | null {
  const statements = statementsAbout(document, question);
  if (statements === null) return ['a boundary that is not known'];
  if (statements.some((one) => !one.allows && surelyDenies(one, question))) return null;
  const allows = statements.filter((one) => one.allows && mayReach(one, question));
  if (allows.length === 0) return null;
  const free = allows.some(({ conditionKeys }) => conditionKeys.length === 0);
  return [
    ...(free ? [] : allows.flatMap(({ conditionKeys }) => conditionKeys)),
    ...statements.flatMap((one) => (one.allows ? [] : keysOfDenial(one, question))),
  ];
}

/** Null: all of them, or nobody can list them. */
function namedResources(statements: readonly PolicyStatement[]): string[] | null {
  const lists = statements.map(({ resources }) =>
    resources === null || resources.not || resources.patterns.some(isEverything) ? null : resources.patterns,
  );
  return lists.includes(null) ? null : [...new Set(lists.flatMap((list) => list ?? []))].sort();
}

const VARIABLE = /\$\{[^}]*\}/g;

/** Whether it may be about the resource: a variable may stand for anything. */
function mayReach({ resources }: PolicyStatement, { resource }: Question): boolean {
  if (resources === null) return false;
  if (resource === null) return true;
  return reaches(resources, resource, (pattern) =>
    // Within exceptions a variable may as well stand for something else.
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

/** A denial of some resources leaves the others; one on conditions leaves what these leave. */
const keysOfDenial = (denial: PolicyStatement, question: Question): readonly string[] =>
  mayReach(denial, question) ? denial.conditionKeys : [];

/** @param known the pattern without variables; null: it is left out */
function reaches(resources: Patterns, resource: string, known: (pattern: string) => string | null): boolean {
  const matches = resources.patterns.some((pattern) => {
    const plain = known(pattern);
    return plain !== null && wildcardPattern(plain)(resource);
  });
  return matches !== resources.not;
}
