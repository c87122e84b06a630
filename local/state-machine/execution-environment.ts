import type { Clock, Random } from '../../core/ports/clock.ts';
import type { TaskTargets } from './task.ts';

export interface ExecutionEvent {
  readonly kind: 'entered' | 'retried' | 'caught' | 'childStarted' | 'childFailed';
  /** The state's name behind those of the Maps around it. */
  readonly path: string;
  /** The error's name, of a fault. */
  readonly error?: string;
}

/** The world around a state machine on one machine. */
export interface ExecutionEnvironment extends TaskTargets {
  readonly clock: Clock;
  readonly random: Random;
  /** The lines of a reader's object. */
  readonly readLines: (bucket: string, key: string) => AsyncIterable<string>;
  /** Stops the execution: no further state is entered, waits end at once, tasks that run are awaited. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ExecutionEvent) => void;
}
