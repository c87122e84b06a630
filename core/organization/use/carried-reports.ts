import type { OrganizationUseLine } from '../../contract/organization-use/organization-use.ts';
import { DAY_MS } from '../../ports/clock.ts';
import type { Entity } from './entities.ts';

/** What decides whether a report of an earlier run is used again. */
export interface CarryingReports {
  readonly entities: ReadonlyMap<string, Entity>;
  /** Milliseconds since the epoch: when this run read the organization. */
  readonly now: number;
  readonly refreshEveryDays: number;
  /** For a full run: when it started. Older reports are not used. */
  readonly fullSince: string | null;
}

/** The report of an earlier run, if this run uses it again; otherwise null. @param runId the earlier run */
export function carriedReport(
  line: OrganizationUseLine,
  runId: string,
  { entities, now, refreshEveryDays, fullSince }: CarryingReports,
): OrganizationUseLine | null {
  const entity = entities.get(line.id);
  // Other SCPs may apply after a move.
  if (entity === undefined || entity.path !== line.path || line.services === null || line.asOf === null) return null;
  const asOf = Date.parse(line.asOf);
  if (fullSince !== null && asOf < Date.parse(fullSince)) return null;
  return dayOf(now) - dayOf(asOf) < refreshEveryDays
    ? { ...line, ...entity, carriedFrom: line.carriedFrom ?? runId }
    : null;
}

/** Days since the epoch (UTC): runs do not read reports at the same time of each day. */
const dayOf = (time: number): number => Math.floor(time / DAY_MS);
