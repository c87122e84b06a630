import * as v from 'valibot';

/** An account's calls to one operation until its first throttle. Times are milliseconds since the epoch. */
export interface FirstCalls {
  readonly operation: string;
  readonly startedAt: number;
  /** The first rate in calls per second, and the time in milliseconds in which it doubled. */
  readonly from: number;
  readonly doubleMs: number;
  /** Calls accepted before the first throttle. All accepted calls if there was no throttle. */
  readonly accepted: number;
  /** When the first throttle was received. Null if no call was throttled. */
  readonly throttledAt: number | null;
}

/** Whether the calls of several accounts use one bucket, with the evidence and the time. */
export const SharedBucketResult = v.object({
  shared: v.boolean(),
  /**
   * Calls accepted before the first throttle, divided by those of the first account: median over accounts and
   * operations.
   */
  ratio: v.number(),
  comparisons: v.pipe(v.number(), v.integer()),
  foundAt: v.pipe(v.string(), v.isoTimestamp()),
});
export type SharedBucketResult = v.InferOutput<typeof SharedBucketResult>;

/**
 * If accounts share a bucket, a later account gets only the tokens that earlier accounts have left. In simulation this
 * ratio was 0.0 to 0.5. With one bucket per account, most of it used by another application, it was 0.6 to 1.3.
 */
const SHARED_BELOW = 0.5;
const OWN_ABOVE = 0.75;
const LEAST_COMPARISONS = 4;
/**
 * First rates that differ by a smaller factor are similar. This changes the ratio by less than the gap between the
 * two bounds.
 */
const SIMILAR_FIRST_RATES = 1.25;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

/**
 * AWS documentation disagrees on which account's bucket the calls of an assumed role use: the account of the role, or
 * the account that assumed it. A bucket is full when a run starts, and the first account empties it. An account that
 * starts later finds a full bucket of its own, or the same bucket, which is empty.
 * @param now milliseconds since the epoch
 * @returns null if the evidence is not sufficient
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

/** A faster start gets more calls from the same bucket, so only similar starts can be compared. */
const startedAtSimilarRate = (one: FirstCalls, other: FirstCalls): boolean =>
  one.doubleMs === other.doubleMs && Math.abs(Math.log(one.from / other.from)) < Math.log(SIMILAR_FIRST_RATES);

/**
 * The accepted calls of each account that started after the first one had emptied its bucket, divided by the first
 * one's.
 */
function ratiosTo(all: readonly FirstCalls[]): number[] {
  const [first, ...others] = [...all].sort((a, b) => a.startedAt - b.startedAt);
  const emptiedAt = first?.throttledAt ?? null;
  if (first === undefined || emptiedAt === null || first.accepted === 0) return [];
  return (
    others
      .filter((other) => other.startedAt > emptiedAt && startedAtSimilarRate(first, other))
      .map(({ accepted, throttledAt }) => ({ ratio: accepted / first.accepted, throttled: throttledAt !== null }))
      // An account that made fewer calls and met no throttle gives no evidence.
      .filter(({ ratio, throttled }) => throttled || ratio > OWN_ABOVE)
      .map(({ ratio }) => ratio)
  );
}
