import { objects } from '../../contract/objects.ts';
import type { RunSummary } from '../../contract/run.ts';
import { Trend, type TrendPoint } from '../../contract/report/trend.ts';
import { readRun } from '../../objects/stored-runs.ts';
import type { ObjectStore, Warn } from '../../ports/store.ts';
import { readValue, unlessDamaged } from '../../ports/stored-objects.ts';

/** A daily audit of three months. */
const MOST_POINTS = 90;

/**
 * Writes `trend.json`: the trend of the run before this one, and this run. A damaged trend begins again.
 * @throws StoreError
 */
export async function writeTrend(store: ObjectStore, run: RunSummary, warn: Warn): Promise<readonly TrendPoint[]> {
  const earlier =
    run.previous === undefined || run.previous === null ? [] : await pointsUntil(store, run.previous, warn);
  const points = [...earlier.filter(({ runId }) => runId !== run.runId), pointOf(run)].slice(-MOST_POINTS);
  await store.write(objects.trend(run.runId), `${JSON.stringify({ schemaVersion: 1, points } satisfies Trend)}\n`);
  return points;
}

/** The stored trend of a run; none if it is not stored or damaged. @throws StoreError */
export async function readTrend(store: ObjectStore, runId: string, warn: Warn): Promise<readonly TrendPoint[] | null> {
  const read = async (): Promise<Trend | null> => readValue(store, objects.trend(runId), Trend);
  const trend = await unlessDamaged(read, null, (damage) => {
    warn(`${damage.message} The trend begins again.`, damage);
  });
  return trend?.points ?? null;
}

async function pointsUntil(store: ObjectStore, runId: string, warn: Warn): Promise<readonly TrendPoint[]> {
  const stored = await readTrend(store, runId, warn);
  if (stored !== null) return stored;
  // A run of an earlier version has no trend.
  const run = await unlessDamaged(
    () => readRun(store, runId),
    null,
    (damage) => {
      warn(`${damage.message} The trend begins again.`, damage);
    },
  );
  return run === null ? [] : [pointOf(run)];
}

function pointOf({ runId, startedAt, status, wholeScope, principals, findings, calls, cost }: RunSummary): TrendPoint {
  const sum = (field: 'sent' | 'throttled' | 'saved'): number =>
    Object.values(calls).reduce((total, counts) => total + counts[field], 0);
  return {
    runId,
    startedAt,
    status,
    wholeScope: wholeScope === true,
    principals: { total: principals.total, complete: principals.complete },
    findings: findings ?? null,
    calls: { sent: sum('sent'), throttled: sum('throttled'), saved: sum('saved') },
    dollars: cost.total,
  };
}
