/** Over how many of the pace's gaps its use is taken: long enough that a chance gap in the work is not taken for a rest. */
const GAPS = 20;
/** A rest, however long, counts as so many: once work is back, the pace is used again. */
const LONGEST = 4;

/** How much of its pace a queue uses lately: from 0, where it rests, to 1, where it always has a call to send. */
export class PaceUtilization {
  #share = 1;
  #atWork = 1;

  /** By time: of all that the pace allowed. It is what the bucket sees. */
  get share(): number {
    return this.#share;
  }

  /** The same, a single rest counting little: whether the pace limits the work that there is. */
  get atWork(): number {
    return this.#atWork;
  }

  /** @param missed how many calls the pace would have let through before this one, had there been any: a fraction, too */
  sent(missed: number): void {
    this.#share = used(this.#share, missed);
    this.#atWork = used(this.#atWork, Math.min(LONGEST, missed));
  }
}

function used(before: number, missed: number): number {
  const gaps = 1 + missed;
  return before + (1 - Math.exp(-gaps / GAPS)) * (1 / gaps - before);
}
