import type { PartKind } from '../contract/account-objects.ts';
import type { AuditBatchInput } from '../contract/messages.ts';
import { breakEvenMs } from '../cost/sleep-or-wait.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import type { PacedQueue } from '../pacing/paced-queue.ts';
import type { CallLedger } from '../ports/calls/call-ledger.ts';
import type { Clock } from '../ports/clock.ts';
import { stopWhen } from '../ports/deadline.ts';
import type { Invocation } from '../ports/services.ts';
import { areAllCallsThrottled, isGap, mayPause, nextCalls } from './attempt-end.ts';
import type { BatchEnd } from './batch-lines.ts';
import { OutOfTime, overrun } from './incomplete-part.ts';
import type { ReadyDelay } from './last-accessed.ts';

export const REQUEST = 'iam:GenerateServiceLastAccessedDetails';
export const READ = 'iam:GetServiceLastAccessedDetails';
export const SIMULATE = 'iam:SimulatePrincipalPolicy';

/** Milliseconds kept for writing the results: the object of a batch is a few megabytes. */
export const RESERVE_MS = 30_000;

/** Decides when an attempt stops taking new work, and when it stops sending calls. */
export class AttemptLimits {
  readonly requests: PacedQueue;
  readonly reads: PacedQueue;
  readonly simulations: PacedQueue;
  /** True after AWS has refused the session: the next attempt needs a new one. */
  sessionExpired = false;
  /** Reports that were requested and not read yet. */
  openReports = 0;
  /** Parts whose calls would be lost if the attempt ended: a requested report, a partly simulated principal. */
  readonly partsInProgress = new Set<string>();
  readonly #queues: readonly (readonly [operation: string, queue: PacedQueue])[];
  #overrun = false;
  #paused = false;
  #failed = false;
  #heldUntil: BatchEnd['heldUntil'] = {};

  /** @param earlier ends of the batch's earlier attempts */
  constructor(
    private readonly input: AuditBatchInput,
    private readonly earlier: readonly BatchEnd[],
    private readonly clock: Clock,
    private readonly invocation: Invocation,
    private readonly calls: CallLedger,
    private readonly delay: ReadyDelay,
    pace: PaceKeeper,
  ) {
    this.requests = pace.queue(REQUEST);
    this.reads = pace.queue(READ);
    this.simulations = pace.queue(SIMULATE);
    this.#queues = [REQUEST, READ, SIMULATE].map((operation) => [operation, pace.queue(operation)] as const);
    const { heldUntil = {}, resumeAt = null } = earlier.at(-1) ?? {};
    // The workflow has waited until `resumeAt`. If it is in the future, the clock was set back in the meantime.
    const setBackMs = resumeAt === null ? 0 : Math.max(0, Date.parse(resumeAt) - clock.now());
    for (const [operation, time] of Object.entries(heldUntil)) {
      pace.queue(operation).holdUntil(Date.parse(time) - setBackMs);
    }
  }

  /** Whether another application uses up the rate. */
  get overrun(): boolean {
    return this.#overrun;
  }

  /** Whether no call can be sent for so long that a Wait state is cheaper. */
  get paused(): boolean {
    return this.#paused;
  }

  /** When each operation that has work may send its next call. */
  get heldUntil(): BatchEnd['heldUntil'] {
    return this.#heldUntil;
  }

  /** Milliseconds from the request of a report to the answer of its first read. */
  get #reportMs(): number {
    return this.requests.latencyMs + this.delay.ms + this.reads.latencyMs;
  }

  /** New work starts only if there is time to finish it: a report that is requested must be read too. */
  takesWork(part: PartKind): boolean {
    if (this.sessionExpired || this.#overrun || this.#failed || this.#paused) return false;
    const left = this.invocation.remainingMs() - RESERVE_MS;
    if (part === 'permissions') {
      return left > this.simulations.latencyMs + (this.simulations.backlog * 1000) / this.simulations.rate;
    }
    const drain = (this.openReports * 1000) / this.reads.rate + (this.requests.backlog * 1000) / this.requests.rate;
    return left > this.#reportMs + drain * 1.2;
  }

  /**
   * Ends the attempt when its time runs out, another application uses up the rate, or a gap is long. Calls that were not
   * sent are left to the next attempt.
   * @returns a function that ends the watch
   */
  watch(): () => void {
    return stopWhen(
      this.clock,
      () => {
        if (this.#queues.some(([, queue]) => queue.heavilyThrottled)) this.#overrun = true;
        else this.#checkForGap();
        // There is no time left to read a report that is requested now, so the next attempt would request it again.
        const left = this.invocation.remainingMs() - RESERVE_MS;
        if (left <= this.#reportMs) this.requests.abandon(new OutOfTime('The attempt ended.'));
        return this.#overrun || this.sessionExpired || this.#paused || this.invocation.remainingMs() <= RESERVE_MS;
      },
      () => {
        this.#abandon();
      },
    );
  }

  /** A write failed, so results can't be kept any more: sends no more calls. */
  fail(): void {
    this.#failed = true;
    this.#abandon();
  }

  #abandon(): void {
    this.#heldUntil = nextCalls(this.#queues);
    const reason = this.#overrun ? overrun() : new OutOfTime('The attempt ended.');
    for (const [, queue] of this.#queues) queue.abandon(reason);
  }

  /** Ends the attempt if a Wait state costs less than the gap, unless calls that were already made would be lost. */
  #checkForGap(): void {
    if (this.partsInProgress.size > 0 || !mayPause(this.earlier, this.input.batch.pauses)) return;
    if (!isGap(this.#queues, this.clock.now(), breakEvenMs(this.invocation.memoryMegabytes))) return;
    if (areAllCallsThrottled([...this.earlier, { paused: true, calls: this.calls.work() }])) this.#overrun = true;
    else this.#paused = true;
  }
}
