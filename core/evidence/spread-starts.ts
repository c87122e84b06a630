import type { Batch } from '../contract/messages.ts';
import type { Clock } from '../ports/clock.ts';
import { MonotonicClock } from '../ports/monotonic-clock.ts';

/** Work may have to stop before its turn, so a wait is divided into steps. */
const LONGEST_STEP_MS = 1_000;

/**
 * Spreads the starts of an attempt's work evenly from now until the batch's `spreadUntil`. An attempt that starts late has
 * less time and starts its work faster. Without `spreadUntil`, or after it, no work waits.
 */
export class SpreadStarts {
  readonly #clock: MonotonicClock;
  readonly #from: number;
  readonly #spreadMs: number;

  constructor({ slotAt, spreadUntil }: Pick<Batch, 'slotAt' | 'spreadUntil'>, clock: Clock) {
    this.#clock = new MonotonicClock(clock);
    this.#from = this.#clock.now();
    // A clock that was set back does not make the slot longer.
    const until = spreadUntil === null ? null : Date.parse(spreadUntil);
    this.#spreadMs = until === null ? 0 : Math.max(0, Math.min(until - this.#from, until - Date.parse(slotAt)));
  }

  /**
   * Waits until it is time to start a piece of work.
   * @param share the piece's place in all the work, from 0 (first) to 1
   * @param goesOn checked every second; the wait ends early if it is false
   */
  async turn(share: number, goesOn: () => boolean): Promise<void> {
    const at = this.#from + share * this.#spreadMs;
    for (let left = at - this.#clock.now(); left > 0 && goesOn(); left = at - this.#clock.now()) {
      await this.#clock.sleep(Math.min(left, LONGEST_STEP_MS));
    }
  }
}
