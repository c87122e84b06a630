import { DAY_MS } from '../ports/clock.ts';
import type { LastAccessed } from '../contract/evidence.ts';
import type { LastActivity } from './last-activity.ts';

/**
 * Sessions of GetSessionToken and GetFederationToken last up to 36 hours after the use of an access key, and no
 * credential report shows them. Together with the delay of a report and of a cached credential report, this is less than
 * two days.
 */
const KEY_SESSION_MS = 2 * DAY_MS;
/** How much the times of the same use may differ in the inventory and in a report: sessions of 12 hours, and delays. */
const TOLERANCE_MS = DAY_MS;
/**
 * A report that is made later than this after a use includes it, unless the report does not list the service that was used.
 */
const REPORT_DELAY_MS = 7 * DAY_MS;
/** AWS reports uses for at least this time. */
const TRACKED_MS = 400 * DAY_MS;

/** The uses in a last-accessed report, in milliseconds since the epoch. */
export interface ReportedUses {
  /** Null: the report has no use. */
  readonly latest: number | null;
  /**
   * From this time on, a new report may not have the oldest use in this one. Null: the report has no use of the last 400
   * days.
   */
  readonly firstExpiry: number | null;
}

export function reportedUses({ asOf, services }: Pick<LastAccessed, 'asOf' | 'services'>): ReportedUses {
  const trackedSince = Date.parse(asOf) - TRACKED_MS;
  let latest: number | null = null;
  let oldest: number | null = null;
  for (const { lastAuthenticated, actions } of services) {
    for (const use of [lastAuthenticated, ...(actions ?? []).map(({ lastAccessed }) => lastAccessed)]) {
      if (use === null) continue;
      const at = Date.parse(use);
      latest = Math.max(latest ?? at, at);
      if (at > trackedSince) oldest = Math.min(oldest ?? at, at);
    }
  }
  return { latest, firstExpiry: oldest === null ? null : oldest + TRACKED_MS };
}

/** What the inventory shows today about the uses of a principal. */
export interface ShownUses {
  readonly activity: LastActivity;
  /** True if the inventory may miss uses of the principal or changes of its policies. */
  readonly mayChangeUnseen: boolean;
}

/**
 * Whether the inventory proves that a report that was made at `asOf` is still right, so that it can be kept for the
 * longer period. The principal must have had no activity since then. Each condition excludes one kind of use that the
 * inventory does not show.
 * @param asOf milliseconds since the epoch, as are `now` and the times of the uses
 * @param idleMs a reported use that the inventory does not show counts only if it was at most this long before the report
 */
export function isProvenIdle(
  { activity, mayChangeUnseen }: ShownUses,
  { asOf, uses }: { readonly asOf: number; readonly uses: ReportedUses },
  idleMs: number,
  now: number,
): boolean {
  if (activity.kind === 'unknown' || mayChangeUnseen) return false;
  const { shownAt, lostAt, keyAt } = activity;
  const { latest } = uses;
  // A session that was made with the key may have been used after the report.
  if (keyAt !== null && keyAt >= asOf - KEY_SESSION_MS) return false;
  // The report has a use that the inventory does not show. So the inventory may also miss later uses.
  const explained = Math.max(shownAt ?? 0, lostAt ?? 0, keyAt === null ? 0 : keyAt + KEY_SESSION_MS - TOLERANCE_MS);
  if (latest !== null && latest > asOf - idleMs && latest > explained + TOLERANCE_MS) return false;
  // The inventory has a use that the report does not show: AWS may add it to the report later.
  if (shownAt !== null && shownAt > asOf - REPORT_DELAY_MS && shownAt > (latest ?? 0) + TOLERANCE_MS) return false;
  // A new report may no longer have a use that was more than 400 days ago.
  return uses.firstExpiry === null || uses.firstExpiry > now;
}
