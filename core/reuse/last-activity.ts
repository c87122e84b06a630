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

/** When a principal was last active, according to the inventory. */
export type LastActivity =
  /** Milliseconds since the epoch; null: never within the period that AWS tracks. */
  | { readonly kind: 'known'; readonly at: number | null }
  /** A user that is not in the credential report, or whose earlier password and keys are not known. */
  | { readonly kind: 'unknown' };

export const roleActivity = (lastUsedAt: string | null): LastActivity => ({
  kind: 'known',
  at: lastUsedAt === null ? null : Date.parse(lastUsedAt),
});

export function userActivity(credentials: Credentials | null): LastActivity {
  if (credentials === null) return { kind: 'unknown' };
  const uses = [credentials.passwordLastUsed, ...credentials.accessKeys.map(({ lastUsed }) => lastUsed)];
  const times = uses.flatMap((use) => (use === null ? [] : [Date.parse(use)]));
  return { kind: 'known', at: times.length === 0 ? null : Math.max(...times) };
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
  return { kind: 'known', at: Math.max(activity.at ?? 0, Date.parse(today.lostAt)) };
}

/** Whether there was no activity since `reportedAt` (milliseconds since the epoch), with a day's margin. */
export const isQuietSince = (activity: LastActivity, reportedAt: number): boolean =>
  activity.kind === 'known' && (activity.at === null || activity.at < reportedAt - MARGIN_MS);
