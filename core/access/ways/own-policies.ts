import { everyPolicy, type Verdict } from '../../evaluation/permissions.ts';
import type { AccountAccess } from '../account-access.ts';
import type { PrincipalNode } from '../node.ts';
import { allowedPatterns, mayDo, policiesOf, sampleArn } from '../requests.ts';
import type { PolicyWriting } from '../target-groups.ts';
import { mergedPatterns } from '../together.ts';

/** A managed policy to which a principal may give any content. */
export interface OwnPolicy {
  readonly arn: string;
  readonly written: PolicyWriting;
  readonly verdict: Verdict;
}

/** At most this many new names, and as many existing policies, are tried. */
const MOST_POLICIES = 20;

const found = new WeakMap<PrincipalNode, Map<string, readonly OwnPolicy[]>>();

/**
 * The managed policies that a principal may create or change, among those that its conditions on the policy of another action
 * name: with a name that is free, or existing ones.
 * @param key the condition key of the policy, in lower case
 */
export function ownPolicies(
  node: PrincipalNode,
  action: string,
  key: string,
  account: AccountAccess,
): readonly OwnPolicy[] {
  const ofNode = found.get(node) ?? new Map<string, readonly OwnPolicy[]>();
  found.set(node, ofNode);
  const known = ofNode.get(`${action} ${key}`);
  if (known !== undefined) return known;
  const own = [...created(node, action, key, account), ...changed(node, account)];
  ofNode.set(`${action} ${key}`, own);
  return own;
}

function created(node: PrincipalNode, action: string, key: string, account: AccountAccess): OwnPolicy[] {
  const { accountId, partition } = account.facts;
  const creatable = allowedPatterns(account, node, 'iam:CreatePolicy');
  if (creatable.length === 0) return [];
  const named = account.evaluator.namedValues(everyPolicy(policiesOf(account, node)), action.toLowerCase(), key);
  const patterns = [...named, ...creatable, `arn:${partition}:iam::${accountId}:policy/*`];
  const arns = [...patterns, ...mergedPatterns(patterns)].flatMap(
    (pattern) => sampleArn(pattern, accountId, partition) ?? [],
  );
  return [...new Set(arns)]
    .filter((arn) => arn.includes(':policy/') && !account.policies.has(arn))
    .slice(0, MOST_POLICIES)
    .flatMap((arn) => policyBy('iam:CreatePolicy', arn, node, account));
}

function changed(node: PrincipalNode, account: AccountAccess): OwnPolicy[] {
  if (allowedPatterns(account, node, 'iam:CreatePolicyVersion').length === 0) return [];
  const policies: OwnPolicy[] = [];
  for (const arn of account.policies.keys()) {
    policies.push(...policyBy('iam:CreatePolicyVersion', arn, node, account));
    if (policies.length >= MOST_POLICIES) break;
  }
  return policies;
}

function policyBy(written: PolicyWriting, arn: string, node: PrincipalNode, account: AccountAccess): OwnPolicy[] {
  const verdict = mayDo(account, node, written, arn);
  return verdict.truth === false ? [] : [{ arn, written, verdict }];
}

/** To complete "by …, …". */
export const inWordsOfWriting: Readonly<Record<PolicyWriting, string>> = {
  'iam:CreatePolicy': 'after creating the policy',
  'iam:CreatePolicyVersion': 'after writing a new version of the policy',
};
