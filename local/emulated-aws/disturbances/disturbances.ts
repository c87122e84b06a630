import type { CallWindow } from './call-windows.ts';
import type { StepSchedule } from './step-schedule.ts';

/**
 * How a limit differs from a token bucket with a constant rate. All parts can be combined, but a window replaces the
 * bucket and therefore its debt, its hosts and its empty start. Schedules start with the first call.
 */
export interface Disturbances {
  /** Other applications: their calls per second, divided by the rate of the limit. Several ones add up. */
  readonly bystanders?: readonly StepSchedule[];
  /** Share of the audit's calls, from 0 to 1, that is throttled at random at any rate. These calls take no token. */
  readonly noise?: number;
  /** Windows of time, instead of the token bucket. */
  readonly window?: CallWindow;
  /** A throttled call is answered this many milliseconds later than an accepted one. */
  readonly lateMs?: number;
  /** A rejected call costs a token too, until this many tokens are owed. */
  readonly debt?: number;
  readonly startsEmpty?: boolean;
  /** Hosts that share the rate and the size equally. Each call goes to one of them at random. */
  readonly hosts?: number;
  /** The rate over time, divided by the rate of the limit. */
  readonly rate?: StepSchedule;
}
