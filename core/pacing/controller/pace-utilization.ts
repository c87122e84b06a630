/**
 * The average covers about this many gaps between calls, so that a short gap in the work does not count as idle
 * time.
 */
const GAPS = 20;
/** Idle time of any length counts as this many calls at most. When work returns, the rate soon counts as used again. */
const LONGEST_IDLE_CALLS = 4;

/** The share of the allowed rate that a queue used recently: 0 if it was idle, 1 if it always had a call to send. */
export class PaceUtilization {
  #share = 1;
  #shareWhileBusy = 1;

  /** Weighted by time. This is the share of the rate that the bucket receives. */
  get share(): number {
    return this.#share;
  }

  /** The same with idle times cut short. It shows whether the rate limits the work that there is. */
  get shareWhileBusy(): number {
    return this.#shareWhileBusy;
  }

  /** @param missed calls that the rate would have allowed before this one, if there had been any; may be a fraction */
  sent(missed: number): void {
    this.#share = averaged(this.#share, missed);
    this.#shareWhileBusy = averaged(this.#shareWhileBusy, Math.min(LONGEST_IDLE_CALLS, missed));
  }
}

function averaged(before: number, missed: number): number {
  const gaps = 1 + missed;
  return before + (1 - Math.exp(-gaps / GAPS)) * (1 / gaps - before);
}
