import type { CallerKind } from '../../../contract/doctor/diagnosis.ts';
import type { CallingClient } from '../../clients/client-of.ts';

/** What is known of the caller. A remedy also fits if nothing is known. */
export interface RemedyContext {
  /** The caller's clients, the one with the most calls first. */
  readonly clients: readonly Omit<CallingClient, 'sdk'>[];
  /** A user has an access key, the others have a session of a role. */
  readonly kind?: CallerKind;
  /** The operation called most, such as `iam:GetRole`. */
  readonly operation?: string | null;
  /** The operations that make a considerable part of its calls, `operation` among them. */
  readonly operations?: readonly string[];
  /** Calls a second that AWS served under the limit while it throttled calls. */
  readonly servedPerSecond?: number | null;
  /** ARN of the caller, or another name of it. */
  readonly caller?: string;
  /** ARN of the role that the caller assumes. */
  readonly role?: string | null;
  /** Region whose STS endpoint suits the caller. */
  readonly region?: string | null;
  /** Shortest session that the caller requests, in seconds. */
  readonly sessionSeconds?: number | null;
  /** The time over which the question about bursts compares the calls, in hours. */
  readonly spreadHours?: number;
  /** Longest session that the caller may request, in seconds: 3,600 if the caller is a session itself. */
  readonly longestSeconds?: number | null;
}
