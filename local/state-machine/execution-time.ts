import type { Clock } from '../../core/ports/clock.ts';
import { ExecutionAborted, StateFault } from './faults.ts';

/** An execution's time: it ends at a deadline, or when it is stopped. */
export class ExecutionTime {
  constructor(
    private readonly clock: Clock,
    /** Milliseconds since the epoch. */
    private readonly deadline: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Whether the deadline has come. */
  get isOver(): boolean {
    return this.clock.now() >= this.deadline;
  }

  /** The same time, which another signal stops. */
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

  /** Ends early where the execution does. @throws ExecutionAborted, StateFault States.Timeout */
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
