import type { AccountCredentials, PrincipalRecord } from '../contract/evidence.ts';
import type { Finding } from '../contract/finding.ts';
import { sha256Hex } from '../streams/sha256.ts';
import type { Draft, Rule, RuleContext } from './rule.ts';

/** A finding before it is compared with those of earlier days. */
export type Found = Omit<Finding, 'firstSeen' | 'state' | 'exception'>;

/** What the rules see in one principal. */
export async function findInPrincipal(
  rules: readonly Rule[],
  record: PrincipalRecord,
  context: RuleContext,
): Promise<Found[]> {
  const found = rules.flatMap((rule) =>
    rule.subject === 'principal' ? rule.find(record, context).map((draft) => ({ rule, draft })) : [],
  );
  return Promise.all(found.map(({ rule, draft }) => foundOf(rule, draft, record.accountId, record.arn)));
}

/** What the rules see in an account's root user. @param rootArn in the account's partition */
export async function findInRoot(
  rules: readonly Rule[],
  account: AccountCredentials,
  { accountId, rootArn }: { readonly accountId: string; readonly rootArn: string },
  context: RuleContext,
): Promise<Found[]> {
  const found = rules.flatMap((rule) =>
    rule.subject === 'root' ? rule.find(account, context).map((draft) => ({ rule, draft })) : [],
  );
  return Promise.all(found.map(({ rule, draft }) => foundOf(rule, draft, accountId, rootArn)));
}

/** The account's root user, the principal of findings on the account itself. @param partition such as `aws` or `aws-cn` */
export const rootArn = (accountId: string, partition: string): string => `arn:${partition}:iam::${accountId}:root`;

/** Names of users and roles have no colon. */
export const isRoot = (arn: string): boolean => arn.endsWith(':root');

/** @param principalArn by its name and not its id: who was deleted and made again with the same rights is the same matter */
export async function foundOf(
  rule: Pick<Rule, 'id'>,
  { key, ...draft }: Draft,
  accountId: string,
  principalArn: string,
): Promise<Found> {
  const hash = await sha256Hex(JSON.stringify([rule.id, accountId, principalArn, key]));
  return { id: hash.slice(0, 16), rule: rule.id, accountId, principalArn, ...draft };
}
