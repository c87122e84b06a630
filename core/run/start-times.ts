/**
 * Between the starts of the first accounts of a run: assuming a role and reading an account is a handful of calls within
 * a second, and accounts may share what pays for them (STS of the hub, or a hub that is charged for its members' IAM
 * reads). At one a second 20 accounts never come as one burst, and are all at work after 20 s. A Map Run takes some 7 s
 * to start, so the first seven may still begin together.
 */
const STAGGER_MS = 1_000;

/**
 * How long the first account has IAM for itself where it is not known yet whether accounts share a bucket: it empties
 * its bucket within some ten seconds, and whoever begins after that finds a full one, or not (core/pacing/shared-bucket.ts).
 */
const ALONE_MS = 15_000;

export interface RunExtent {
  readonly accounts: number;
  readonly accountsAtOnce: number;
  /** The run's window in milliseconds; 0: as fast as the accounts allow. */
  readonly spreadMs: number;
  /** Whether the first account begins alone, to find out whether others share its bucket. */
  readonly firstAlone: boolean;
}

/**
 * Milliseconds over which each account's batches are spread, so that the last account ends with the run's window.
 * Accounts go in rounds of as many as run at once, and start in turn within a slice: the last one of the last round
 * starts that much later. Without a window 0.
 */
export function sliceMs({ accounts, accountsAtOnce, spreadMs }: RunExtent): number {
  if (spreadMs === 0 || accounts === 0) return 0;
  const sideBySide = Math.min(accounts, accountsAtOnce);
  const rounds = Math.ceil(accounts / accountsAtOnce);
  const lastPlace = (accounts - 1) % accountsAtOnce;
  return spreadMs / (rounds + lastPlace / sideBySide);
}

/**
 * When each account may begin, in the accounts' order, milliseconds since the epoch: with a window in turn, evenly over
 * it; without one the first a second apart, the rest as soon as a place is free. Who comes later continues at once.
 * @param startedAt start of the run, from which its window counts
 */
export function startTimes(extent: RunExtent, startedAt: number, now: number): number[] {
  const { accounts, accountsAtOnce, spreadMs, firstAlone } = extent;
  const slice = sliceMs(extent);
  const sideBySide = Math.min(accounts, accountsAtOnce);
  return Array.from({ length: accounts }, (_, index) => {
    if (spreadMs === 0) {
      const aloneMs = firstAlone && index > 0 ? ALONE_MS : 0;
      return now + (index < accountsAtOnce ? index * STAGGER_MS + aloneMs : 0);
    }
    const round = Math.floor(index / accountsAtOnce);
    const place = index % accountsAtOnce;
    return Math.round(startedAt + slice * (round + place / sideBySide));
  });
}
