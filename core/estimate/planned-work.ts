import type { WorklistLine } from '../contract/account-objects.ts';
import type { EstimatedPrincipals } from '../contract/answers/estimate.ts';
import { canBeRemoved } from '../inventory/managed-by.ts';
import type { AuditSettings } from '../ports/services.ts';
import type { PlannedPrincipal } from '../reuse/write-inventory.ts';
import { DAY_MS } from '../ports/clock.ts';

/** A principal of an account, as far as it decides what runs need. */
export interface EstimatedPrincipal {
  /** `asks` is empty if all its evidence is carried today. */
  readonly work: WorklistLine;
  /** False if decisions depend on the time of the request. */
  readonly lasting: boolean;
  /** How often its report is asked for, if nothing changes. */
  readonly use: 'daily' | 'idle' | 'unproven';
  /** Whether a run writes a recommendation for it. */
  readonly hasRecommendation: boolean;
}

/**
 * A principal that was used is asked for on the next day, and on the day after that, because of the margin. If about as many
 * principals are used every day, those with a use in this time are as many as those asked for because of a use.
 */
const USED_WITHIN_MS = 2 * DAY_MS;

type Settings = Pick<AuditSettings, 'graceDays' | 'unusedAfterDays'>;

/** @param now milliseconds since the epoch */
export function estimatedPrincipal(
  { line, work, lasting, activity, mayChangeUnseen, reportedUse }: PlannedPrincipal,
  { graceDays, unusedAfterDays }: Settings,
  now: number,
): EstimatedPrincipal {
  const shownUse = activity.kind === 'known' ? activity.shownAt : null;
  const within = (time: number | null, ms: number): boolean => time !== null && now - time < ms;
  // On the first day it is not known which passwords and keys a user had before. On later days it is.
  const isKnown = line.type === 'role' || line.credentials !== null;
  return {
    work,
    lasting,
    use: !isKnown || within(shownUse, USED_WITHIN_MS) ? 'daily' : mayChangeUnseen ? 'unproven' : 'idle',
    hasRecommendation:
      within(latest(shownUse, reportedUse), unusedAfterDays * DAY_MS) && canBeRemoved(line, graceDays, now),
  };
}

const latest = (one: number | null, other: number | null): number | null =>
  one === null || (other !== null && other > one) ? other : one;

/** What a run asks for. */
export function countPrincipals(principals: Iterable<EstimatedPrincipal>): EstimatedPrincipals {
  const counts = { total: 0, asked: 0, carried: 0, ruledOut: 0, reports: 0, simulations: 0 };
  const groups = new Set<string>();
  for (const { work } of principals) {
    counts.total += 1;
    if (work.asks.length === 0) counts.carried += 1;
    else counts.asked += 1;
    if (work.actions.length === 0) counts.ruledOut += 1;
    if (work.asks.includes('lastAccessed')) counts.reports += 1;
    if (!work.asks.includes('permissions') || work.actions.length === 0) continue;
    if (work.group === null) counts.simulations += 1;
    else groups.add(work.group);
  }
  return { ...counts, simulations: counts.simulations + groups.size };
}

export function addPrincipals(parts: Iterable<EstimatedPrincipals>): EstimatedPrincipals {
  const total = { total: 0, asked: 0, carried: 0, ruledOut: 0, reports: 0, simulations: 0 };
  for (const part of parts) {
    total.total += part.total;
    total.asked += part.asked;
    total.carried += part.carried;
    total.ruledOut += part.ruledOut;
    total.reports += part.reports;
    total.simulations += part.simulations;
  }
  return total;
}
