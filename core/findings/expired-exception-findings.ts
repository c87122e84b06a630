import { DAY_MS } from '../ports/clock.ts';
import type { Exception } from '../contract/exceptions.ts';
import type { Finding } from '../contract/finding.ts';
import { isExpired } from './exceptions.ts';
import { foundOf } from './find.ts';
import { expiredException } from './expired-exception.ts';

export interface ExpiryContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Start of the last run before this one, ISO 8601; null where there was none. */
  readonly before: string | null;
  /** The account of an exception for many. */
  readonly ownAccountId: string;
  /** Whether a finding of today falls under it. */
  readonly fits: boolean;
}

/**
 * The finding that an expired exception is; null while it holds. It needs no memory: it is first seen when the last day
 * is over, and new in the first run after that.
 */
export async function expiredFinding(exception: Exception, context: ExpiryContext): Promise<Finding | null> {
  if (!isExpired(exception, context.now)) return null;
  const { rule, arn, owner, reason, expires } = exception;
  const named = arn.split(':')[4] ?? '';
  const firstSeen = new Date(Date.parse(`${expires}T00:00:00Z`) + DAY_MS).toISOString();
  const accountId = /^\d{12}$/.test(named) ? named : context.ownAccountId;
  const found = await foundOf(
    expiredException,
    {
      key: JSON.stringify([rule, arn, expires]),
      severity: context.fits ? 'medium' : 'low',
      title: `The exception of ${owner} from ${rule} has expired`,
      detail: `It held until ${expires} for ${arn}: ${reason}. ${context.fits ? 'What it excepted is open again.' : 'Nothing falls under it today.'}`,
      evidence: { rule, arn, owner, reason, expires },
    },
    // Of which account the run tells it changes with the run, and must not change the id.
    named,
    arn,
  );
  const isNew = context.before === null || Date.parse(context.before) < Date.parse(firstSeen);
  return { ...found, accountId, firstSeen, state: isNew ? 'new' : 'open', exception: null };
}
