import type { AuditBatchInput, AuditBatchOutput } from '../contract/messages.ts';
import type { WorkByOperation } from '../contract/run.ts';
import type { PacedQueue } from '../pacing/paced-queue.ts';
import type { BatchEnd } from './batch-lines.ts';

const COOL_DOWN_MS = 60_000;
const COOL_DOWN_CAP_MS = 600_000;
/** Attempts in a row that found nothing, after which what is missing is recorded as missing. */
const MAX_STALLED = 3;
/** A batch that needs this many whole invocations is not getting on. */
const MAX_ATTEMPTS = 60;
/** As a queue counts its pauses: each lets tokens come, so nothing but throttles after four tells of others. */
const FRUITLESS_GAPS = 4;

/** What is told of an attempt's gap. */
type Attempt = Pick<BatchEnd, 'paused' | 'calls'>;
type Queues = readonly (readonly [operation: string, queue: PacedQueue])[];

export interface AttemptFacts {
  readonly input: Pick<AuditBatchInput, 'attempt' | 'stalled'>;
  readonly earlier: readonly Attempt[];
  readonly partsFound: number;
  /** Parts that were left for later. */
  readonly left: number;
  /** Another application used up the rate. */
  readonly overrun: boolean;
  readonly reportTimedOut: boolean;
  /** It ended early for a gap. */
  readonly paused: boolean;
  readonly heldUntil: BatchEnd['heldUntil'];
}

/**
 * Whether and when a batch is taken up again.
 *
 * A gap is no stall: an attempt that ended early because no call could be sent for long neither counts as one that
 * found nothing nor towards the most attempts of a batch; how many end so is limited by the batch's `pauses`, after which
 * gaps are slept. So nothing is given up that would have gone through later. Only four gaps in a row in which every call
 * was throttled are what they would be in one invocation: an overrun, which is a stall.
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

/** Whether the last gaps in a row followed nothing but throttles: somebody else needs the bucket. */
export function isFruitless(attempts: readonly Attempt[]): boolean {
  const last = attempts.slice(-FRUITLESS_GAPS);
  return last.length === FRUITLESS_GAPS && last.every(({ paused, calls }) => paused && onlyThrottled(calls));
}

function onlyThrottled(calls: WorkByOperation): boolean {
  const work = Object.values(calls);
  return work.some(({ throttled }) => throttled > 0) && work.every(({ sent, throttled }) => sent === throttled);
}

/** Whether nothing is in flight and no call that waits can be sent for longer than `longestMs`. */
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

/** The answer of AuditBatch to the state machine. */
export function batchAnswer({ batch: { n }, attempt }: AuditBatchInput, end: BatchEnd): AuditBatchOutput {
  const { finished, resumeAt, stalled } = end;
  if (finished || resumeAt === null) return { status: 'FINISHED', n, attempts: attempt };
  return { status: 'UNFINISHED', n, attempt: attempt + 1, stalled, resumeAt };
}
