/** A bucket that refills more slowly than one call in ten seconds is a fault and not a limit. */
export const LOWEST_RATE = 0.1;
/**
 * The rate of 64 calls in flight that take 100 ms each. Without a maximum, the rate would grow without end if no call was
 * throttled.
 */
const HIGHEST_RATE = 640;

/** The nearest rate that a controller may have, in calls per second. */
export const boundedRate = (rate: number): number => Math.min(HIGHEST_RATE, Math.max(LOWEST_RATE, rate));
