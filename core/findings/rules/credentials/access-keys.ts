import type { Credentials, PrincipalRecord } from '../../../contract/evidence.ts';
import { dayOf } from '../../use/idleness.ts';
import type { RuleContext } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

export interface AccessKey {
  /** Identifies a key from day to day. The report has no key IDs, and places change when a key is deleted. */
  readonly id: string;
  /** 1 or 2: its place among the user's existing keys, in the order of the credential report. */
  readonly place: number;
  readonly lastUsed: string | null;
  /** When it was created, or last activated or deactivated, ISO 8601. */
  readonly lastRotated: string | null;
}

/** The active keys of a user; none if its credentials could not be read. */
export const keysOf = ({ credentials }: Pick<PrincipalRecord, 'credentials'>): AccessKey[] =>
  credentials === null ? [] : activeKeys(credentials);

export function activeKeys({ accessKeys }: Credentials): AccessKey[] {
  return accessKeys.flatMap(({ active, lastUsed, lastRotated }, index) => {
    const isOnlyOne = accessKeys.filter((other) => other.lastRotated === lastRotated).length === 1;
    const place = index + 1;
    // A rotated key is a different key. Keys created in the same second differ only in their places.
    const id = lastRotated !== null && isOnlyOne ? lastRotated : `${lastRotated ?? 'unknown'} ${place}`;
    return active ? [{ id, place, lastUsed, lastRotated }] : [];
  });
}

/** A key that was never used counts only if it is old enough to have been used. A key of unknown age does not count. */
export const isUnusedKey = (
  { lastUsed, lastRotated }: AccessKey,
  { now, graceDays, unusedAfterDays }: RuleContext,
): boolean =>
  lastUsed === null
    ? lastRotated !== null && isOlder(lastRotated, graceDays, now)
    : isOlder(lastUsed, unusedAfterDays, now);

export const keyName = ({ place, lastRotated }: AccessKey): string =>
  lastRotated === null ? `Access key ${place}` : `Access key ${place} (${dayOf(lastRotated)})`;
