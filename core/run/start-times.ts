/**
 * Time between the starts of a run's first accounts. Assuming a role and reading an account needs several calls within
 * a second. Accounts may share a token bucket (the hub's STS bucket, or the hub's IAM bucket for reads in member
 * accounts). With one start a second, 20 accounts cause no burst, and all have started after 20 s. A Map Run takes
 * about 7 s to start, so the first seven accounts may still start together.
 */
export const STAGGER_MS = 1_000;

/** The same for accounts that share a bucket: one inventory after another. */
const SHARED_STAGGER_MS = 3_000;

/**
 * Time before the second account starts, if it is not known whether accounts share a token bucket. The first account
 * empties its bucket in about ten seconds. Later accounts then find a full or an empty bucket
 * (core/pacing/shared-bucket.ts).
 */
const ALONE_MS = 15_000;

export interface RunExtent {
  readonly accounts: number;
  readonly accountsAtOnce: number;
  /** The run's window in milliseconds. 0: as fast as possible. */
  readonly spreadMs: number;
  /** Whether the first account starts alone, to test whether other accounts share its bucket. */
  readonly firstAlone: boolean;
  /** Whether it is known that the accounts share a token bucket. */
  readonly isShared: boolean;
}

/**
 * Milliseconds over which each account's batches are spread, so that the last account ends with the run's window.
 * Accounts run in rounds of `accountsAtOnce`. Within a round, their starts are spread evenly over one slice, so the
 * last account of the last round starts later than the first. Without a window, the result is 0.
 */
export function sliceMs({ accounts, accountsAtOnce, spreadMs }: RunExtent): number {
  if (spreadMs === 0 || accounts === 0) return 0;
  const concurrent = Math.min(accounts, accountsAtOnce);
  const rounds = Math.ceil(accounts / accountsAtOnce);
  const lastPlace = (accounts - 1) % accountsAtOnce;
  return spreadMs / (rounds + lastPlace / concurrent);
}

/**
 * The earliest start of each account, in the accounts' order, milliseconds since the epoch. With a window, the starts
 * are spread evenly over it. Without one, the first accounts start a second apart, and the others as soon as one has
 * finished. An account that starts after its time starts at once.
 * @param startedAt start of the run and of its window
 */
export function startTimes(extent: RunExtent, startedAt: number, now: number): number[] {
  const { accounts, accountsAtOnce, spreadMs, firstAlone, isShared } = extent;
  const slice = sliceMs(extent);
  const concurrent = Math.min(accounts, accountsAtOnce);
  return Array.from({ length: accounts }, (_, index) => {
    if (spreadMs === 0) {
      const aloneMs = firstAlone && index > 0 ? ALONE_MS : 0;
      return now + (index < accountsAtOnce ? index * (isShared ? SHARED_STAGGER_MS : STAGGER_MS) + aloneMs : 0);
    }
    const round = Math.floor(index / accountsAtOnce);
    const place = index % accountsAtOnce;
    return Math.round(startedAt + slice * (round + place / concurrent));
  });
}
