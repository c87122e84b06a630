import type { Clock, Random } from '../../core/ports/clock.ts';
import type { TaskTargets } from './task.ts';

export interface ExecutionEvent {
  readonly kind: 'entered' | 'retried' | 'caught' | 'childStarted' | 'childFailed';
  /** The names of the Maps around the state and the state's name, separated by slashes. */
  readonly path: string;
  /** The name of the error, for a failure. */
  readonly error?: string;
}

/** The services that a state machine uses on this machine. */
export interface ExecutionEnvironment extends TaskTargets {
  readonly clock: Clock;
  readonly random: Random;
  /** Reads the lines of an ItemReader's object. */
  readonly readLines: (bucket: string, key: string) => AsyncIterable<string>;
  /** Stops the execution. It enters no further state, its waits end at once, and its running tasks are awaited. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ExecutionEvent) => void;
}
