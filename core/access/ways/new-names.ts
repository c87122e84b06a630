import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import { allowedPatterns, sampleArn } from '../requests.ts';
import { mergedPatterns } from '../together.ts';

const MOST_NAMES = 20;

/** ARNs of new users, roles or groups that the principal's Allow statements match. A name that is taken can't be used again. */
export function namesToTry(
  type: 'user' | 'role' | 'group',
  actions: readonly string[],
  node: PrincipalNode,
  account: AccountAccess,
): string[] {
  const { accountId, partition } = account.facts;
  const ofType = `arn:${partition}:iam::${accountId}:${type}/`;
  const all = [...new Set(actions.flatMap((action) => allowedPatterns(account, node, action)))];
  const samples = [...all, ...mergedPatterns(all)].flatMap((pattern) => {
    const arn = sampleArn(pattern, accountId, partition);
    if (arn === null) return [];
    return arn.startsWith(ofType) ? [arn] : [`${ofType}new-${type}`];
  });
  const isFree = (arn: string): boolean =>
    type === 'group' ? !isGroup(arn, account) : account.principal(arn) === null;
  return [...new Set(samples)].filter(isFree).slice(0, MOST_NAMES);
}

/** Names of groups are unique whatever their path and case. */
function isGroup(arn: string, { groups }: AccountAccess): boolean {
  const nameOf = (one: string): string => one.split('/').at(-1)?.toLowerCase() ?? '';
  return [...groups.values()].some((group) => nameOf(group.arn) === nameOf(arn));
}
