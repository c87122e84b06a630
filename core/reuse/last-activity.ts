import { DAY_MS } from '../ports/clock.ts';
import type { SignIn } from '../contract/account-objects.ts';
import type { Credentials, PrincipalType } from '../contract/evidence.ts';
import type { ListedPrincipal } from '../inventory/read-account.ts';

/**
 * RoleLastUsed, the last use of passwords and keys, and the reports are hours late. A console session lasts up to
 * twelve hours after its sign-in, and a cached credential report is up to four hours old. Together this is less than a
 * day.
 */
const MARGIN_MS = DAY_MS;

/** Times are milliseconds since the epoch. Null: never within the period that AWS tracks. */
export interface KnownActivity {
  readonly kind: 'known';
  /** The last use that RoleLastUsed, or the password and access keys of a user, show. */
  readonly shownAt: number | null;
  /** When a password or key was found to be missing. Until then it may have been used. */
  readonly lostAt: number | null;
  /** The last use of an access key of a user. A missing key counts as used until it was found to be missing. */
  readonly keyAt: number | null;
}

/** When a principal was last active, according to the inventory. */
export type LastActivity =
  | KnownActivity
  /** A user that is not in the credential report, or whose earlier password and keys are not known. */
  | { readonly kind: 'unknown' };

export const roleActivity = (lastUsedAt: string | null): LastActivity => ({
  kind: 'known',
  shownAt: lastUsedAt === null ? null : Date.parse(lastUsedAt),
  lostAt: null,
  keyAt: null,
});

export function userActivity(credentials: Credentials | null): LastActivity {
  if (credentials === null) return { kind: 'unknown' };
  const keyUses = credentials.accessKeys.map(({ lastUsed }) => lastUsed);
  return {
    kind: 'known',
    shownAt: latestOf([credentials.passwordLastUsed, ...keyUses]),
    lostAt: null,
    keyAt: latestOf(keyUses),
  };
}

/** @param times ISO 8601; null: never */
function latestOf(times: readonly (string | null)[]): number | null {
  const known = times.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  return known.length === 0 ? null : Math.max(...known);
}

export const activityOf = (principal: ListedPrincipal, credentials: Credentials | null): LastActivity =>
  principal.type === 'user' ? userActivity(credentials) : roleActivity(principal.detail.lastUsedAt);

/** One text for the password and each access key. A replaced password or key has a different text. */
function meansOf({ passwordEnabled, passwordLastChanged, accessKeys }: Credentials): string[] {
  const keys = accessKeys.map(({ lastRotated }) => `key ${lastRotated ?? 'of unknown age'}`);
  return passwordEnabled === false ? keys : [`password ${passwordLastChanged ?? 'of unknown age'}`, ...keys];
}

/**
 * The password and keys of a user today, and when one of them was last found to be deleted or replaced. The credential
 * report no longer says when a deleted password or key was last used.
 * @param now milliseconds since the epoch
 */
export function signInOf(credentials: Credentials | null, before: SignIn | undefined, now: number): SignIn | undefined {
  if (credentials === null) return before;
  const means = meansOf(credentials);
  const unmatched = [...means];
  const lost = (before?.means ?? []).some((one) => {
    const index = unmatched.indexOf(one);
    if (index >= 0) unmatched.splice(index, 1);
    return index < 0;
  });
  return { means, lostAt: lost ? new Date(now).toISOString() : (before?.lostAt ?? null) };
}

/** A password or key that a user no longer has may have been used until it was found to be missing. */
export function withLosses(
  type: PrincipalType,
  activity: LastActivity,
  today: SignIn | undefined,
  before: SignIn | undefined,
): LastActivity {
  if (type === 'role' || activity.kind === 'unknown') return activity;
  if (before === undefined || today === undefined) return { kind: 'unknown' };
  if (today.lostAt === null) return activity;
  const lostAt = Date.parse(today.lostAt);
  return { ...activity, lostAt, keyAt: Math.max(activity.keyAt ?? 0, lostAt) };
}

/** Whether there was no activity since `reportedAt` (milliseconds since the epoch), with a day's margin. */
export const isQuietSince = (activity: LastActivity, reportedAt: number): boolean =>
  activity.kind === 'known' && Math.max(activity.shownAt ?? 0, activity.lostAt ?? 0) < reportedAt - MARGIN_MS;
