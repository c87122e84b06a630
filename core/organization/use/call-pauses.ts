import { jitterMs } from '../../pacing/retry-throttled.ts';
import type { CallTiming } from '../organization-calls.ts';
import * as settings from './report-settings.ts';

/** The pauses between calls: an interval between any two, and backoff after AWS refuses a call because of a limit. */
export class CallPauses {
  /** Milliseconds that calls waited, by `iam:Operation`. */
  readonly waits = new Map<string, number>();
  /** When the next report may be requested, in milliseconds since the epoch. */
  requestAt = 0;
  #nextCallAt = 0;
  #refusals = 0;

  constructor(private readonly timing: CallTiming) {}

  /** Whether AWS has refused so many requests in a row that it is better to ask much later. */
  get exhausted(): boolean {
    return this.#refusals >= settings.MAX_REFUSALS;
  }

  /**
   * Waits until a call may be sent.
   * @param time milliseconds since the epoch; the call is not sent before
   * @returns false if there is not enough time left to wait
   */
  async before(operation: string, time: number): Promise<boolean> {
    const { clock, remainingMs } = this.timing;
    const pause = Math.max(0, time - clock.now(), this.#nextCallAt - clock.now());
    const allowed = Math.min(pause, Math.max(0, remainingMs() - settings.READ_UNTIL_MS));
    if (allowed > 0) {
      this.waits.set(operation, (this.waits.get(operation) ?? 0) + allowed);
      await clock.sleep(allowed);
    }
    if (allowed < pause) return false;
    this.#nextCallAt = clock.now() + settings.CALL_INTERVAL_MS;
    return true;
  }

  accepted(): void {
    this.#refusals = 0;
    this.requestAt = 0;
  }

  refused(): void {
    this.requestAt = this.timing.clock.now() + this.backoff();
  }

  /** The pause after a refusal, in milliseconds. Its maximum doubles with each refusal in a row. */
  backoff(): number {
    const pause = jitterMs(settings.BACKOFF, this.#refusals, this.timing.random);
    this.#refusals += 1;
    return pause;
  }
}
