/** What a call last waited for before it was sent: its turn at this rate, answers to earlier calls, or new work. */
export type WaitedFor = 'pace' | 'answers' | 'work';

/**
 * Decides how many calls per second are sent. It has no clock: each event carries the time, in milliseconds since
 * the epoch.
 */
export interface RateController {
  /** Calls per second. */
  readonly rate: number;
  /** No call is sent before this time. */
  readonly pauseUntil: number;
  /** Called before a call may be sent. It lets the rate grow with time. */
  advance(now: number): void;
  sent(now: number, waitedFor: WaitedFor): void;
  accepted(sentAt: number, now: number): void;
  throttled(sentAt: number, now: number): void;
}
