import type { Clock } from '../../core/ports/clock.ts';
import type { ExecutionEvent } from '../../local/state-machine/execution-environment.ts';

/** States that stand right after AuditBatch, however it ended. */
const AFTER = ['Unfinished', 'BatchFailed'];

/** When the workflow's batches were at work, over all accounts. */
export class BatchTimes {
  #first: number | null = null;
  #last = 0;

  constructor(private readonly clock: Clock) {}

  event({ kind, path }: ExecutionEvent): void {
    if (kind !== 'entered') return;
    const state = path.slice(path.lastIndexOf('/') + 1);
    if (state === 'AuditBatch') this.#first ??= this.clock.now();
    if (AFTER.includes(state)) this.#last = this.clock.now();
  }

  /** From the start of the first to the end of the last. */
  seconds(): number {
    return this.#first === null ? 0 : (this.#last - this.#first) / 1000;
  }
}
