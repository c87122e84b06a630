import type { AccountAccess } from '../access/account-access.ts';
import type { PrincipalNode } from '../access/node.ts';
import { catalogue } from '../catalogue/catalogue.ts';
import type { AllowedAction, Use } from '../contract/answers/permission.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import { serviceUseOf, useOf } from '../findings/use/usage.ts';
import { readStatements } from '../policies/statements.ts';
import { evaluateQuestion } from './evaluate-question.ts';

/** At most this many patterns of a principal are listed. */
const MOST_PATTERNS = 500;

const inCatalogue = new Set(catalogue.map(({ action }) => action.toLowerCase()));

/**
 * What a principal's policies allow besides single actions of the catalogue: by the action patterns that the policies
 * and the boundary name. A pattern stands for an action that it matches and that no other pattern names.
 */
export function otherPermissions(
  account: AccountAccess,
  node: PrincipalNode,
  record: PrincipalRecord,
): AllowedAction[] {
  const { identity, boundary } = node.policies;
  const patterns = new Map<string, string>();
  for (const { document } of [...identity, ...(boundary === null ? [] : [boundary])]) {
    const read = document === null ? null : readStatements(document);
    if (read === null || read.kind === 'unreadable') continue;
    for (const { allows, actions } of read.statements) {
      if (!allows) continue;
      if (actions.not) patterns.set(`all except ${actions.patterns.join(', ')}`, 'x:x');
      else for (const pattern of actions.patterns) patterns.set(pattern, exampleOf(pattern));
    }
  }
  const found: AllowedAction[] = [];
  for (const [pattern, example] of [...patterns].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST_PATTERNS)) {
    if (inCatalogue.has(pattern.toLowerCase())) continue;
    const answer = evaluateQuestion(account, node, { action: example, resource: null });
    if (answer.kind !== 'granted') continue;
    const { grounds, resources, conditions } = answer;
    const how = conditions.length === 0 ? 'allowed' : 'conditional';
    const lastUsed = useOfPattern(record, pattern);
    found.push({ action: pattern, how, basis: 'evaluation', resources, conditions, grounds, lastUsed });
  }
  return found;
}

/** An action that the pattern matches. */
const exampleOf = (pattern: string): string =>
  pattern === '*' ? 'x:x' : pattern.replaceAll('*', 'x').replaceAll('?', 'x');

function useOfPattern(record: PrincipalRecord, pattern: string): Use {
  if (!/[*?]/.test(pattern) && pattern.includes(':')) return useOf(record, pattern);
  const [namespace = '', name] = pattern.toLowerCase().split(':');
  return name === undefined || /[*? ]/.test(namespace) ? { kind: 'unknown' } : serviceUseOf(record, namespace);
}
