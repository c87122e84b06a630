import type { BystanderCounts } from '../local/emulated-aws/token-bucket.ts';

const share = (part: number, calls: number): string => `${part} (${((100 * part) / calls).toFixed(1)} %)`;

/** What the audit has cost the other application, in words. */
export function bystandersInWords({ calls, throttled, throttledAlone }: BystanderCounts): string {
  if (calls === 0) return 'The other application made no call meanwhile.';
  return (
    `Another application made ${calls} call${calls === 1 ? '' : 's'} to the same buckets meanwhile: ` +
    `${share(throttled, calls)} throttled; without the audit ${share(throttledAlone, calls)} would have been.`
  );
}
