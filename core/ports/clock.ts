/** The time. It is injected, so that tests of waiting run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds; at once for zero or less. */
  sleep(ms: number): Promise<void>;
}

/** A day, in milliseconds and in seconds. */
export const DAY_MS = 86_400_000;
export const DAY_SECONDS = DAY_MS / 1_000;

/** A uniform random number in [0, 1), injected so that tests are deterministic. */
export type Random = () => number;
