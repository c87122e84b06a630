import { BYSTANDER_ROLE } from '../local/emulated-aws/cloudtrail/bystander-calls.ts';
import type { BystanderCounts } from '../local/emulated-aws/shared-limit.ts';

const share = (part: number, calls: number): string => `${part} (${((100 * part) / calls).toFixed(1)} %)`;

/** How many calls of the other application were throttled, with the audit and without it. */
export function bystandersInWords({ calls, throttled, throttledAlone }: BystanderCounts): string {
  if (calls === 0) return 'The other application made no call during the audit.';
  return (
    `Another application (role/${BYSTANDER_ROLE}) made ${calls} call${calls === 1 ? '' : 's'} to the same IAM operations during the audit. ` +
    `Throttled: ${share(throttled, calls)}. Without the audit: ${share(throttledAlone, calls)}.`
  );
}
