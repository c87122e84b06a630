import type { Credentials } from '../contract/evidence.ts';

/**
 * RoleLastUsed, last use of passwords and keys, and reports themselves lag behind by hours, a console session outlasts its
 * sign-in by up to twelve, and a cached credential report is up to four hours old: all of it within a day.
 */
const MARGIN_MS = 86_400_000;

/** When a principal last did anything, as far as the inventory tells. */
export type LastActivity =
  /** Milliseconds since the epoch; null: never, as far as AWS remembers. */
  | { readonly kind: 'known'; readonly at: number | null }
  /** A user of whom the credential report says nothing. */
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

/** Whether a report made at `reportedAt` (milliseconds since the epoch) still says all, with a day's margin. */
export const isQuietSince = (activity: LastActivity, reportedAt: number): boolean =>
  activity.kind === 'known' && (activity.at === null || activity.at < reportedAt - MARGIN_MS);
