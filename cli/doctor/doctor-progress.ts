import { systemClock } from '../../local/system-clock.ts';
import { LiveLine } from '../live-line.ts';

/** Without a terminal, at most one line in this time. */
const PLAIN_INTERVAL_MS = 10_000;

/** Shows the doctor's progress on standard error. */
export class DoctorProgress {
  readonly #line = new LiveLine(process.stderr);
  #shownAt = 0;

  /** @param reached the oldest time read in all Regions, in milliseconds since the epoch */
  reading(events: number, reached: number | null): void {
    const time = reached === null ? '' : `, back to ${new Date(reached).toISOString()}`;
    this.#show(`Reading CloudTrail's event history: ${events} events${time}.`);
  }

  files(done: number, all: number, events: number): void {
    this.#show(`Reading log files: ${done} of ${all}, ${events} events.`);
  }

  question(done: number, of: number): void {
    this.#show(`Answering questions: ${done} of ${of}.`);
  }

  note(text: string): void {
    this.#show(text);
  }

  clear(): void {
    this.#line.clear();
  }

  #show(text: string): void {
    const now = systemClock.now();
    if (!process.stderr.isTTY && now - this.#shownAt < PLAIN_INTERVAL_MS) return;
    this.#shownAt = now;
    this.#line.show(text);
  }
}
