import { recordWithoutDenied } from '../access/graph/denied-by-arn.ts';
import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import type { Finding } from '../contract/finding.ts';
import { sha256Hex } from '../streams/sha256.ts';
import type { Draft, Rule, RuleContext } from './rule.ts';

/** A finding before it is compared with those of an earlier run. */
export type DetectedFinding = Omit<Finding, 'firstSeen' | 'state' | 'exception'>;

/** Applies the rules to one principal. */
export async function findInPrincipal(
  rules: readonly Rule[],
  record: PrincipalRecord,
  context: RuleContext,
): Promise<DetectedFinding[]> {
  const known = recordWithoutDenied(record, context.access.account);
  const drafts = rules.flatMap((rule) =>
    rule.subject === 'principal' ? rule.find(known, context).map((draft) => ({ rule, draft })) : [],
  );
  return Promise.all(drafts.map(({ rule, draft }) => toDetectedFinding(rule, draft, record.accountId, record.arn)));
}

/** Applies the rules to an account's root user. @param rootArn in the account's partition */
export async function findInRoot(
  rules: readonly Rule[],
  account: AccountCredentials,
  { accountId, rootArn }: { readonly accountId: string; readonly rootArn: string },
  context: RuleContext,
): Promise<DetectedFinding[]> {
  const drafts = rules.flatMap((rule) =>
    rule.subject === 'root' ? rule.find(account, context).map((draft) => ({ rule, draft })) : [],
  );
  return Promise.all(drafts.map(({ rule, draft }) => toDetectedFinding(rule, draft, accountId, rootArn)));
}

/** ARN of an account's root user, the principal of findings on the account itself. @param partition such as `aws-cn` */
export const rootArn = (accountId: string, partition: string): string => `arn:${partition}:iam::${accountId}:root`;

/** Names of users and roles contain no colon, so only the root user's ARN ends like this. */
export const isRoot = (arn: string): boolean => arn.endsWith(':root');

/**
 * @param principalArn goes into the id, not the principal's unique ID: a principal that is deleted and created again
 * with the same permissions keeps its findings
 */
export async function toDetectedFinding(
  rule: Pick<Rule, 'id' | 'controls'>,
  { key, ...draft }: Draft,
  accountId: string,
  principalArn: string,
): Promise<DetectedFinding> {
  const hash = await sha256Hex(JSON.stringify([rule.id, accountId, principalArn, key]));
  return { id: hash.slice(0, 16), rule: rule.id, controls: [...rule.controls], accountId, principalArn, ...draft };
}
