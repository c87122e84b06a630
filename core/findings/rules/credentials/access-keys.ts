import type { Credentials, PrincipalRecord } from '../../../contract/evidence.ts';
import { dayOf } from '../../use/idleness.ts';
import type { RuleContext } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

export interface AccessKey {
  /** Tells keys of one user apart from day to day: the report names no ids, and places shift when one is deleted. */
  readonly id: string;
  /** First or second of those that exist, in the order of the credential report. */
  readonly place: number;
  readonly lastUsed: string | null;
  /** ISO 8601: when it was made, or last activated or deactivated. */
  readonly lastRotated: string | null;
}

/** The active keys of a user, or of root; none where nobody could tell. */
export const keysOf = ({ credentials }: Pick<PrincipalRecord, 'credentials'>): AccessKey[] =>
  credentials === null ? [] : activeKeys(credentials);

export function activeKeys({ accessKeys }: Credentials): AccessKey[] {
  return accessKeys.flatMap(({ active, lastUsed, lastRotated }, index) => {
    const isOnlyOne = accessKeys.filter((other) => other.lastRotated === lastRotated).length === 1;
    const place = index + 1;
    // A rotated key is another key. Two that were made in the same second only their places tell apart.
    const id = lastRotated !== null && isOnlyOne ? lastRotated : `${lastRotated ?? 'unknown'} ${place}`;
    return active ? [{ id, place, lastUsed, lastRotated }] : [];
  });
}

/** What is never used must be old enough to have been: of one whose age is not known, that is not certain. */
export const isUnusedKey = (
  { lastUsed, lastRotated }: AccessKey,
  { now, graceDays, unusedAfterDays }: RuleContext,
): boolean =>
  lastUsed === null
    ? lastRotated !== null && isOlder(lastRotated, graceDays, now)
    : isOlder(lastUsed, unusedAfterDays, now);

export const nameOf = ({ place, lastRotated }: AccessKey): string =>
  lastRotated === null ? `Access key ${place}` : `Access key ${place} (${dayOf(lastRotated)})`;
