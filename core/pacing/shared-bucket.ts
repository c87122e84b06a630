import * as v from 'valibot';

/** How an account's first calls to one operation went. Times are milliseconds since the epoch. */
export interface FirstCalls {
  readonly operation: string;
  readonly startedAt: number;
  /** How the calls began: at which rate a second, doubled in how many milliseconds. */
  readonly from: number;
  readonly doubleMs: number;
  /** Calls accepted before the first throttle, or in all. */
  readonly accepted: number;
  /** When the first throttled call was sent; null where none was. */
  readonly throttledAt: number | null;
}

/** Whether accounts were found to be charged to one bucket, by what, and when. */
export const SharedBucketResult = v.object({
  shared: v.boolean(),
  /** Median over accounts and operations: calls accepted before the first throttle, by those of the first account. */
  ratio: v.number(),
  comparisons: v.pipe(v.number(), v.integer()),
  foundAt: v.pipe(v.string(), v.isoTimestamp()),
});
export type SharedBucketResult = v.InferOutput<typeof SharedBucketResult>;

/**
 * Where buckets are shared, later accounts find what the first one and those between have left: in simulation 0.0 to
 * 0.5 of the first one's calls, against 0.6 to 1.3 where each has its own and a bystander uses most of it.
 */
const SHARED_BELOW = 0.5;
const OWN_ABOVE = 0.75;
const LEAST_COMPARISONS = 4;
/** Rates at the start that differ by less are alike: what that makes of the calls is less than the bounds' distance. */
const ALIKE = 1.25;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/**
 * AWS's own texts disagree on who is charged for the reads of an assumed role: its account, or the one that assumed
 * it. A bucket is full when a run begins. The first account empties it; one that begins after that finds a full
 * bucket of its own, or the same one, empty.
 * @param now milliseconds since the epoch
 * @returns null where the run does not tell
 */
export function detectSharedBucket(firstCalls: readonly FirstCalls[], now: number): SharedBucketResult | null {
  const operations = new Set(firstCalls.map(({ operation }) => operation));
  const ratios = [...operations].flatMap((operation) =>
    ratiosTo(firstCalls.filter((calls) => calls.operation === operation)),
  );
  if (ratios.length < LEAST_COMPARISONS) return null;
  const ratio = median(ratios);
  if (ratio >= SHARED_BELOW && ratio <= OWN_ABOVE) return null;
  return {
    shared: ratio < SHARED_BELOW,
    ratio: Math.round(ratio * 1000) / 1000,
    comparisons: ratios.length,
    foundAt: new Date(now).toISOString(),
  };
}

/** A faster start finds more in the same bucket: only like can be compared. */
const beganAlike = (one: FirstCalls, other: FirstCalls): boolean =>
  one.doubleMs === other.doubleMs && Math.abs(Math.log(one.from / other.from)) < Math.log(ALIKE);

/** Of each account that began after the first one had emptied its bucket: its first calls by those of the first one. */
function ratiosTo(all: readonly FirstCalls[]): number[] {
  const [first, ...others] = [...all].sort((a, b) => a.startedAt - b.startedAt);
  const emptiedAt = first?.throttledAt ?? null;
  if (first === undefined || emptiedAt === null || first.accepted === 0) return [];
  return (
    others
      .filter((other) => other.startedAt > emptiedAt && beganAlike(first, other))
      .map(({ accepted, throttledAt }) => ({ ratio: accepted / first.accepted, throttled: throttledAt !== null }))
      // Who had fewer calls to make, and no throttle, tells nothing.
      .filter(({ ratio, throttled }) => throttled || ratio > OWN_ABOVE)
      .map(({ ratio }) => ratio)
  );
}
