import { DAY_MS } from '../ports/clock.ts';
import type { SignIn } from '../contract/account-objects.ts';
import type { Credentials, PrincipalType } from '../contract/evidence.ts';
import type { ListedPrincipal } from '../inventory/read-account.ts';

/**
 * RoleLastUsed, last use of passwords and keys, and reports themselves lag behind by hours, a console session outlasts its
 * sign-in by up to twelve, and a cached credential report is up to four hours old: all of it within a day.
 */
const MARGIN_MS = DAY_MS;

/** When a principal last did anything, as far as the inventory tells. */
export type LastActivity =
  /** Milliseconds since the epoch; null: never, as far as AWS remembers. */
  | { readonly kind: 'known'; readonly at: number | null }
  /** A user of whom the credential report says nothing, or nobody knows what it had before. */
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

/** Each password and access key: one that was replaced is another. */
function meansOf({ passwordEnabled, passwordLastChanged, accessKeys }: Credentials): string[] {
  const keys = accessKeys.map(({ lastRotated }) => `key ${lastRotated ?? 'of unknown age'}`);
  return passwordEnabled === false ? keys : [`password ${passwordLastChanged ?? 'of unknown age'}`, ...keys];
}

/**
 * What a user has today, and when something that it had was missed: what a deleted key or password did last, no
 * credential report tells any more.
 * @param now milliseconds since the epoch
 */
export function signInOf(credentials: Credentials | null, before: SignIn | undefined, now: number): SignIn | undefined {
  if (credentials === null) return before;
  const means = meansOf(credentials);
  const left = [...means];
  const lost = (before?.means ?? []).some((one) => {
    const index = left.indexOf(one);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
  return { means, lostAt: lost ? new Date(now).toISOString() : (before?.lostAt ?? null) };
}

/** What a user lost may have been used until then. */
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

/** Whether a report made at `reportedAt` (milliseconds since the epoch) still says all, with a day's margin. */
export const isQuietSince = (activity: LastActivity, reportedAt: number): boolean =>
  activity.kind === 'known' && (activity.at === null || activity.at < reportedAt - MARGIN_MS);
