import type { Clock } from '../../core/ports/clock.ts';
import { ExecutionAborted, StateFault } from './faults.ts';

/** The time of an execution, which ends at a deadline or when the execution is stopped. */
export class ExecutionTime {
  constructor(
    private readonly clock: Clock,
    /** Milliseconds since the epoch. */
    private readonly deadline: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Whether the deadline has passed. */
  get isOver(): boolean {
    return this.clock.now() >= this.deadline;
  }

  /** The same time and deadline with another signal. */
  until(signal: AbortSignal): ExecutionTime {
    return new ExecutionTime(this.clock, this.deadline, signal);
  }

  now(): number {
    return this.clock.now();
  }

  /** @throws StateFault States.Timeout */
  checkDeadline(): void {
    if (this.isOver) throw new StateFault('States.Timeout', 'The execution took longer than its TimeoutSeconds.');
  }

  /** @throws ExecutionAborted, StateFault States.Timeout */
  check(): void {
    if (this.signal?.aborted === true) throw new ExecutionAborted('The execution was stopped.');
    this.checkDeadline();
  }

  /** Sleeps, but not beyond the end of the execution. @throws ExecutionAborted, StateFault States.Timeout */
  async sleep(ms: number): Promise<void> {
    const { clock, signal } = this;
    const allowed = Math.min(ms, this.deadline - clock.now());
    if (signal === undefined) {
      await clock.sleep(allowed);
    } else {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          resolve();
        };
        signal.addEventListener('abort', stop, { once: true });
        clock.sleep(allowed).then(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        }, reject);
      });
    }
    this.check();
  }
}
