import { DAY_MS } from '../ports/clock.ts';
import type { Exception } from '../contract/exceptions.ts';
import type { Finding } from '../contract/finding.ts';
import { isExpired } from './exceptions.ts';
import { toDetectedFinding } from './find.ts';
import { expiredException } from './expired-exception.ts';

export interface ExpiryContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Start of the previous run, ISO 8601; null if there was none. */
  readonly previousRunStartedAt: string | null;
  /** The account of the finding if the exception's ARN names no single account. */
  readonly ownAccountId: string;
  /** Whether the exception matches a finding of this run. */
  readonly matchesFinding: boolean;
}

/**
 * The finding for an expired exception; null if it has not expired. It is first seen at the end of the exception's last
 * day, and new in the first run after that. Therefore no earlier run is needed to compare it with.
 */
export async function expiredFinding(exception: Exception, context: ExpiryContext): Promise<Finding | null> {
  if (!isExpired(exception, context.now)) return null;
  const { rule, arn, owner, reason, expires } = exception;
  const accountInArn = arn.split(':')[4] ?? '';
  const firstSeen = new Date(Date.parse(`${expires}T00:00:00Z`) + DAY_MS).toISOString();
  const accountId = /^\d{12}$/.test(accountInArn) ? accountInArn : context.ownAccountId;
  const finding = await toDetectedFinding(
    expiredException,
    {
      key: JSON.stringify([rule, arn, expires]),
      severity: context.matchesFinding ? 'medium' : 'low',
      title: `Exception for rule ${rule}, owned by ${owner}, has expired`,
      detail: `It was valid until ${expires} for ${arn}. Reason given: ${reason}. ${context.matchesFinding ? 'The findings that it suppressed are open again.' : 'It matches no finding of this run.'}`,
      evidence: { rule, arn, owner, reason, expires },
    },
    // `ownAccountId` may differ from run to run. It must not change the finding's id.
    accountInArn,
    arn,
  );
  const isNew =
    context.previousRunStartedAt === null || Date.parse(context.previousRunStartedAt) < Date.parse(firstSeen);
  return { ...finding, accountId, firstSeen, state: isNew ? 'new' : 'open', exception: null };
}
