import type { AuditBatchInput, AuditBatchOutput } from '../contract/messages.ts';
import type { CallsByOperation } from '../contract/run.ts';
import type { PacedQueue } from '../pacing/paced-queue.ts';
import type { BatchEnd } from './batch-lines.ts';

const COOL_DOWN_MS = 60_000;
const COOL_DOWN_CAP_MS = 600_000;
/** After this many attempts in a row that found nothing, the missing parts are recorded as failed. */
const MAX_STALLED = 3;
/** A batch that needs this many whole invocations makes no progress. */
const MAX_ATTEMPTS = 60;
/** Tokens are added in each gap. So throttles after four gaps can only be caused by other applications. */
const THROTTLED_GAPS = 4;

type Attempt = Pick<BatchEnd, 'paused' | 'calls'>;
type Queues = readonly (readonly [operation: string, queue: PacedQueue])[];

export interface AttemptFacts {
  readonly input: Pick<AuditBatchInput, 'attempt' | 'stalled'>;
  readonly earlier: readonly Attempt[];
  readonly partsFound: number;
  /** Parts that are left to the next attempt. */
  readonly left: number;
  /** Another application used up the rate. */
  readonly overrun: boolean;
  readonly reportTimedOut: boolean;
  /** The attempt ended early because of a gap. */
  readonly paused: boolean;
  readonly heldUntil: BatchEnd['heldUntil'];
}

/**
 * Whether and when a batch has another attempt.
 *
 * A gap is not a stall. An attempt that ends early because no call can be sent for a long time does not count as an
 * attempt that found nothing, and does not count towards the maximum of attempts. The batch's `pauses` limits the number
 * of such attempts. After them, the function sleeps during a gap. So no part is recorded as failed that could succeed
 * later. If every call before each of four gaps in a row was throttled, another application uses the bucket. This counts
 * as an attempt that found nothing.
 * @param now milliseconds since the epoch
 */
export function attemptEnd(facts: AttemptFacts, now: number): Pick<BatchEnd, 'finished' | 'resumeAt' | 'stalled'> {
  const { input, earlier, partsFound, left, paused } = facts;
  const stalled = partsFound > 0 ? 0 : paused ? input.stalled : input.stalled + 1;
  const wholeAttempts = input.attempt - pausesOf(earlier);
  const isLast = !paused && (stalled >= MAX_STALLED || wholeAttempts >= MAX_ATTEMPTS);
  if (left === 0 || isLast) return { finished: true, resumeAt: null, stalled };
  const coolsDown = facts.overrun || facts.reportTimedOut || (stalled > 0 && !paused);
  const coolDownMs = coolsDown ? Math.min(COOL_DOWN_CAP_MS, COOL_DOWN_MS * 2 ** stalled) : 0;
  const firstCallAt = Math.min(...Object.values(facts.heldUntil).map((time) => Date.parse(time)));
  const resumeAt = Math.max(now + coolDownMs, Number.isFinite(firstCallAt) ? firstCallAt : now);
  return { finished: false, resumeAt: new Date(resumeAt).toISOString(), stalled };
}

const pausesOf = (attempts: readonly Attempt[]): number => attempts.filter(({ paused }) => paused).length;

/** Whether a batch may have one more attempt that ends early. */
export const mayPause = (earlier: readonly Attempt[], pauses: number): boolean => pausesOf(earlier) < pauses;

/** Whether every call before each of the last gaps was throttled: another application uses the bucket. */
export function areAllCallsThrottled(attempts: readonly Attempt[]): boolean {
  const last = attempts.slice(-THROTTLED_GAPS);
  return last.length === THROTTLED_GAPS && last.every(({ paused, calls }) => paused && onlyThrottled(calls));
}

function onlyThrottled(calls: CallsByOperation): boolean {
  // The session's own AssumeRole uses no rate of IAM.
  const work = Object.entries(calls).flatMap(([operation, counts]) => (operation.startsWith('iam:') ? [counts] : []));
  return work.some(({ throttled }) => throttled > 0) && work.every(({ sent, throttled }) => sent === throttled);
}

/** Whether no call is in flight, and no waiting call can be sent within `longestMs`. */
export function isGap(queues: Queues, now: number, longestMs: number): boolean {
  if (queues.some(([, { inFlight }]) => inFlight > 0)) return false;
  const times = queues.flatMap(([, { nextAt }]) => nextAt ?? []);
  return times.length > 0 && times.every((time) => time - now > longestMs);
}

/** When each operation that has work may send its next call. */
export const nextCalls = (queues: Queues): BatchEnd['heldUntil'] =>
  Object.fromEntries(
    queues.flatMap(([operation, { nextAt }]) =>
      nextAt === null || !Number.isFinite(nextAt) ? [] : [[operation, new Date(nextAt).toISOString()]],
    ),
  );

/** The output of AuditBatch. */
export function batchOutput({ batch: { n }, attempt }: AuditBatchInput, end: BatchEnd): AuditBatchOutput {
  const { finished, resumeAt, stalled } = end;
  if (finished || resumeAt === null) return { status: 'FINISHED', n, attempts: attempt };
  return { status: 'UNFINISHED', n, attempt: attempt + 1, stalled, resumeAt };
}
