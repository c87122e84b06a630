import type { PrincipalRecord } from '../../contract/evidence.ts';
import { lastActivity } from './activity.ts';
import type { RuleContext } from '../rule.ts';
import { daysSince, isOlder } from './usage.ts';

/** Whether a principal was active within the `unusedAfterDays` setting. */
export type Idleness =
  /** `since`: its last activity, ISO 8601; null if AWS reports none. */
  | { readonly kind: 'idle'; readonly since: string | null }
  | { readonly kind: 'active'; readonly last: string }
  | { readonly kind: 'unknown' };

/**
 * "Idle" is certain; without enough evidence the result is "unknown". A user that is missing from the credential report
 * may have signed in. The last-accessed report lists only services that a role's own policies allow. RoleLastUsed
 * covers every use, but records of earlier versions lack it.
 */
export function idlenessOf(
  record: PrincipalRecord,
  { now, unusedAfterDays }: Pick<RuleContext, 'now' | 'unusedAfterDays'>,
): Idleness {
  const activity = lastActivity(record);
  if (activity.kind === 'unknown') return activity;
  if (activity.kind === 'at' && !isOlder(activity.time, unusedAfterDays, now)) {
    return { kind: 'active', last: activity.time };
  }
  if (record.type === 'user' && record.credentials === null) return { kind: 'unknown' };
  if (record.type === 'role' && record.lastUsedAt === undefined && record.lastAccessed.services.length === 0) {
    return { kind: 'unknown' };
  }
  return { kind: 'idle', since: activity.kind === 'at' ? activity.time : null };
}

/** A sentence about it. @param now milliseconds since the epoch @param subject the first words */
export function describeIdleness(idleness: Idleness, now: number, subject = 'It'): string {
  if (idleness.kind === 'unknown') return 'Its last activity is not known.';
  const time = idleness.kind === 'active' ? idleness.last : idleness.since;
  return time === null
    ? `${subject} has no recorded activity.`
    : `${subject} was last active on ${dayAndAge(time, now)}.`;
}

/** `2026-11-25, 1 day ago`. @param now milliseconds since the epoch */
export function dayAndAge(time: string, now: number): string {
  const days = daysSince(time, now);
  return `${dayOf(time)}, ${days} day${days === 1 ? '' : 's'} ago`;
}

/** YYYY-MM-DD in UTC. */
export const dayOf = (time: string): string => new Date(Date.parse(time)).toISOString().slice(0, 10);
