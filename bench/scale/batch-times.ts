import type { Clock } from '../../core/ports/clock.ts';
import type { ExecutionEvent } from '../../local/state-machine/execute.ts';

/** The states that follow AuditBatch, both after success and after an error. */
const AFTER_BATCH = ['Unfinished', 'BatchFailed'];

/** Measures the time in which the workflow's batches ran, over all accounts. */
export class BatchTimes {
  #first: number | null = null;
  #last = 0;

  constructor(private readonly clock: Clock) {}

  event({ kind, path }: ExecutionEvent): void {
    if (kind !== 'entered') return;
    const state = path.slice(path.lastIndexOf('/') + 1);
    if (state === 'AuditBatch') this.#first ??= this.clock.now();
    if (AFTER_BATCH.includes(state)) this.#last = this.clock.now();
  }

  /** Virtual seconds from the start of the first batch to the end of the last. */
  seconds(): number {
    return this.#first === null ? 0 : (this.#last - this.#first) / 1000;
  }
}
