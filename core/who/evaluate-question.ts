import type { AccountAccess } from '../access/account-access.ts';
import type { PrincipalNode } from '../access/node.ts';
import { requiredResources } from '../access/paths/required-resources.ts';
import { mayDo, policiesOf, resourceKeys, type ExtraKeys } from '../access/requests.ts';
import { mayDoTogether } from '../access/together.ts';
import { uniqueGrounds } from '../access/target-groups.ts';
import { isGlobalService } from '../evaluation/chosen-keys.ts';
import { everyPolicy, type Verdict } from '../evaluation/permissions.ts';
import { keysOf } from '../evaluation/truth.ts';
import { CONTENT_OF } from './not-granted.ts';
import type { EvaluatedAnswer, Question } from './question.ts';

/** At most this many resources that policies name are tried for one principal. */
const MOST_RESOURCES = 50;

/** Whether a principal's policies, with its boundary and the service control policies that are known, allow the request. */
export function evaluateQuestion(account: AccountAccess, node: PrincipalNode, question: Question): EvaluatedAnswer {
  const { action, resource } = question;
  if (resource !== null) {
    const target = account.principal(resource);
    const verdict = mayDo(
      account,
      node,
      action,
      resource,
      target === null ? accountKey(question) : resourceKeys(target),
    );
    return answerOf([{ pattern: null, verdict }]);
  }
  const policies = everyPolicy(policiesOf(account, node));
  const { evaluator } = account;
  const lower = action.toLowerCase();
  const patterns = new Set([
    '*',
    ...evaluator.allowedPatterns(policies, lower),
    ...evaluator.exceptedPatterns(policies, lower),
  ]);
  const tried: Tried[] = [];
  for (const pattern of [...patterns].slice(0, MOST_RESOURCES)) {
    const verdict = mayDo(account, node, action, exampleOf(pattern, node));
    if (verdict.truth === false) continue;
    if (/^\*+$/.test(pattern)) {
      // Allowed on all resources but those that a Deny names.
      if (verdict.truth === true && isLeft(account, node, question)) return answerOf([{ pattern: null, verdict }]);
      if (verdict.truth === true) continue;
      tried.push({ pattern: null, verdict });
    } else tried.push({ pattern, verdict });
  }
  return answerOf(tried);
}

/** Whether the Deny statements leave some resource of the types that the action is about. */
function isLeft(account: AccountAccess, node: PrincipalNode, { action, resourceTypes = [] }: Question): boolean {
  const policies = everyPolicy(policiesOf(account, node));
  if (!account.evaluator.deniesSometimes(policies, action.toLowerCase())) return true;
  if (requiredResources[action] !== undefined) return mayDoTogether(account, node, [action]).truth !== false;
  const isOn = (type: string): boolean =>
    mayDoTogether(account, node, [action], { required: { [action]: [type] } }).truth !== false;
  return resourceTypes.length === 0 || resourceTypes.some(isOn);
}

interface Tried {
  /** Null: all resources, or the one that was asked for. */
  readonly pattern: string | null;
  readonly verdict: Verdict;
}

function answerOf(tried: readonly Tried[]): EvaluatedAnswer {
  const possible = tried.filter(({ verdict }) => verdict.truth !== false);
  if (possible.length === 0) return { kind: 'notGranted' };
  const certain = possible.filter(({ verdict }) => verdict.truth === true);
  const counted = certain.length > 0 ? certain : possible;
  const conditions = [...new Set(counted.flatMap(({ verdict }) => keysOf(verdict.truth)))].sort();
  const grounds = uniqueGrounds(counted.flatMap(({ verdict }) => verdict.grounds));
  if (grounds.length === 0 && conditions.some((one) => one.startsWith(CONTENT_OF))) {
    const names = conditions.flatMap((one) => (one.startsWith(CONTENT_OF) ? [one.slice(CONTENT_OF.length)] : []));
    return { kind: 'unknown', reason: `The content of ${names.join(', ')} is not known.` };
  }
  const patterns = counted.map(({ pattern }) => pattern).filter((pattern) => pattern !== null);
  const resources = patterns.length < counted.length ? null : patterns.sort();
  return { kind: 'granted', grounds, resources, conditions };
}

const accountKey = ({ resource, resourceAccount = null }: Question): ExtraKeys => {
  const named = resource?.split(':')[4] ?? '';
  const accountId = named === '' ? resourceAccount : named;
  const region = resource?.split(':')[3] ?? '';
  const isSomewhere = resource === null || resource === '*';
  return (key) => {
    if (key === 'aws:requestedregion' && !isSomewhere && !isGlobalService(resource.split(':')[2] ?? '')) {
      // The caller can't choose the Region of a resource that exists. Some ARNs, such as a bucket's, don't name it.
      return region === '' || /[*?]/.test(region) ? { beginning: '' } : [region];
    }
    if (key !== 'aws:resourceaccount') return null;
    if (accountId !== null) return [accountId];
    // A bucket's ARN does not say whose it is.
    return isSomewhere ? null : 'unknown';
  };
};

/** A resource that the pattern matches: in the principal's own account, if the pattern does not name another. */
function exampleOf(pattern: string, node: PrincipalNode): string {
  if (/^\*+$/.test(pattern)) return '*';
  const plain = pattern.replaceAll('${aws:username}', node.name).replace(/\$\{[^}]*\}/g, 'x');
  return plain
    .split(':')
    .map((part, index) =>
      index === 4 && /[*?]/.test(part) ? node.accountId : part.replaceAll('*', 'x').replaceAll('?', 'x'),
    )
    .join(':');
}
