import type { PolicyDocument } from '../account.ts';
import { conditionsHold } from './conditions.ts';
import { substitute, type RequestContext } from './request-context.ts';
import { statementsOf, type Statement } from './statements.ts';
import { matchesAction, matchesWildcards } from './wildcards.ts';

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface PolicySource {
  readonly id: string;
  readonly type: string;
}

export interface NamedDocument extends PolicySource {
  readonly document: PolicyDocument;
}

/** Allowed if every decision is allowed. An explicit deny in any of them wins. */
export function combine(decisions: readonly (Decision | undefined)[]): Decision {
  if (decisions.includes('explicitDeny')) return 'explicitDeny';
  return decisions.includes('implicitDeny') ? 'implicitDeny' : 'allowed';
}

/** Evaluates policies of one kind together: an explicit deny in any of them wins. */
export function decide(
  policies: readonly NamedDocument[],
  action: string,
  resource: string,
  context: RequestContext,
  missing: Set<string>,
): { decision: Decision; matched: PolicySource[] } {
  const allowing: PolicySource[] = [];
  const denying: PolicySource[] = [];
  for (const { id, type, document } of policies) {
    for (const statement of statementsOf(document)) {
      if (!applies(statement, action, resource, context, missing)) continue;
      (statement.allows ? allowing : denying).push({ id, type });
    }
  }
  if (denying.length > 0) return { decision: 'explicitDeny', matched: denying };
  return { decision: allowing.length > 0 ? 'allowed' : 'implicitDeny', matched: allowing };
}

function applies(
  statement: Statement,
  action: string,
  resource: string,
  context: RequestContext,
  missing: Set<string>,
): boolean {
  return (
    matchesElements(statement.actions, statement.notActions, (pattern) => matchesAction(pattern, action)) &&
    matchesElements(statement.resources, statement.notResources, (pattern) => {
      const text = statement.hasVariables ? substitute(pattern, context, missing) : pattern;
      return text !== null && matchesWildcards(text, resource);
    }) &&
    conditionsHold(statement.conditions, context, missing)
  );
}

export function matchesElements(
  included: readonly string[] | null,
  excluded: readonly string[] | null,
  matches: (pattern: string) => boolean,
): boolean {
  if (included !== null) return included.some(matches);
  return excluded !== null && !excluded.some(matches);
}
