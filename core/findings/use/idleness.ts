import type { PrincipalRecord } from '../../contract/evidence.ts';
import { lastActivity } from './activity.ts';
import type { RuleContext } from '../rule.ts';
import { daysSince, isOlder } from './usage.ts';

/** Whether a principal does anything. */
export type Idleness =
  /** `since`: its last activity, ISO 8601; null: none that AWS remembers. */
  | { readonly kind: 'idle'; readonly since: string | null }
  | { readonly kind: 'active'; readonly last: string }
  | { readonly kind: 'unknown' };

/**
 * Certain, or unknown. A user without a row in the credential report may have signed in. AWS's report lists only services
 * that a role's own policies allow; RoleLastUsed, which records of earlier versions lack, tells of all uses.
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

/** A sentence on it. @param now milliseconds since the epoch @param who how it begins */
export function describeIdleness(idleness: Idleness, now: number, who = 'It'): string {
  if (idleness.kind === 'unknown') return 'When it was last active is not known.';
  const time = idleness.kind === 'active' ? idleness.last : idleness.since;
  return time === null
    ? `${who} was never active, as far as AWS remembers.`
    : `${who} was last active on ${dayAndAge(time, now)}.`;
}

/** `2026-11-25, 1 day ago`. @param now milliseconds since the epoch */
export function dayAndAge(time: string, now: number): string {
  const days = daysSince(time, now);
  return `${dayOf(time)}, ${days} day${days === 1 ? '' : 's'} ago`;
}

/** YYYY-MM-DD in UTC. */
export const dayOf = (time: string): string => new Date(Date.parse(time)).toISOString().slice(0, 10);
