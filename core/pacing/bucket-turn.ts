import * as v from 'valibot';
import { AccountId } from '../contract/execution-input.ts';

/**
 * The right to send the calls of batches to a bucket that accounts share. Only one account of a run has it at a time. It is
 * stored with the pace, so that taking it and reading the pace are one conditional write.
 */
export const BucketTurn = v.object({
  accountId: AccountId,
  /** When the account will probably have sent its calls. ISO 8601. */
  expectedEnd: v.pipe(v.string(), v.isoTimestamp()),
  /** Another account may take the turn from this time on, even if this account has not ended it. ISO 8601. */
  until: v.pipe(v.string(), v.isoTimestamp()),
});
export type BucketTurn = v.InferOutput<typeof BucketTurn>;

/**
 * When an account will probably have sent its calls, in milliseconds since the epoch.
 * @param calls the calls of each operation
 * @param rates calls per second of each operation, where one was learned
 */
export function expectedEnd(
  calls: Readonly<Record<string, number>>,
  rates: Readonly<Record<string, number>>,
  now: number,
): number {
  const seconds = Object.entries(calls).map(
    ([operation, count]) => count / (rates[operation] ?? Number.POSITIVE_INFINITY),
  );
  return now + 1000 * Math.max(0, ...seconds);
}
