import { AwsFault } from '../aws-fault.ts';
import type { CallLedger } from '../call-ledger.ts';
import type { WorklistLine } from '../contract/account-objects.ts';
import type { LastAccessed, Permissions, Problem } from '../contract/evidence.ts';
import type { AuditBatchInput } from '../contract/messages.ts';
import type { IamReader } from '../iam.ts';
import type { LineChannel } from '../line-channel.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import type { PacedQueue } from '../pacing/paced-queue.ts';
import type { Invocation, Services } from '../services.ts';
import { watchUntil } from '../watch.ts';
import { interrupted } from './interrupted.ts';
import { failedLastAccessed, lastAccessedOf, ReadyDelay, type Outcome } from './last-accessed.ts';
import { failedPermissions, permissionsOf } from './permissions.ts';
import { SimulationLimits } from './simulation-requests.ts';
import type { BatchEnd, BatchFindings } from './worklist.ts';

const ASK = 'iam:GenerateServiceLastAccessedDetails';
const READ = 'iam:GetServiceLastAccessedDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';

/** Kept for writing what was found: a batch's object is a few megabytes. */
const RESERVE_MS = 30_000;
/** Reports that are asked for and not yet read: bounds memory, and what is lost when an invocation dies. */
const OPEN_REPORTS = 400;
const OPEN_SIMULATIONS = 128;
const COOL_DOWN_MS = 60_000;
const COOL_DOWN_CAP_MS = 600_000;
/** Attempts in a row that found nothing, after which what is missing is recorded as missing. */
const MAX_STALLED = 3;
/** History events allow more (12 a batch of 25,000); a batch that needs this many invocations is not getting on. */
const MAX_ATTEMPTS = 60;
/** A report that timed out in so many attempts is not made any more. */
const REPORT_ATTEMPTS = 3;

/** Why work is not begun while another application empties the bucket. */
const overrun = (): AwsFault =>
  new AwsFault(
    'throttled',
    'Throttling',
    'AWS throttled nearly every call (Rate exceeded): another application uses up the rate.',
  );

const throttledProblem = (step: Later['part'], { message }: AwsFault): Problem => ({
  step,
  code: 'Throttled',
  message,
});

/** Not a fault: the time is over, and the rest is for the next attempt. */
class OutOfTime extends Error {
  override name = 'Interrupted';
}

/** How an attempt ended; what its invocation used is only known once its pace is saved. */
export type AttemptEnd = Omit<BatchEnd, 'use'>;

interface Later {
  readonly line: WorklistLine;
  readonly part: 'lastAccessed' | 'permissions';
  readonly problem: Problem;
}

/**
 * One invocation's work on a batch: reports and simulations side by side, each found part written as soon as it is
 * known, the rest left to the next attempt with the reason why.
 */
export class BatchAttempt {
  /** True once AWS refused the session: the next attempt needs a new one. */
  sessionExpired = false;
  readonly #later: Later[] = [];
  readonly #timedOut: string[] = [];
  #earlier: readonly BatchEnd[] = [];
  readonly #delay = new ReadyDelay();
  readonly #limits = new SimulationLimits();
  readonly #ask: PacedQueue;
  readonly #read: PacedQueue;
  readonly #simulate: PacedQueue;
  readonly #queues: readonly PacedQueue[];
  #heavy = false;
  /** A write failed: whatever is found now can't be kept. */
  #broken = false;
  #openReports = 0;
  #partsFound = 0;

  constructor(
    private readonly input: AuditBatchInput,
    private readonly services: Services,
    private readonly invocation: Invocation,
    private readonly pace: PaceKeeper,
    private readonly iam: IamReader,
    private readonly calls: CallLedger,
  ) {
    this.#ask = pace.queue(ASK);
    this.#read = pace.queue(READ);
    this.#simulate = pace.queue(SIMULATE);
    this.#queues = [this.#ask, this.#read, this.#simulate];
  }

  async run(lines: readonly WorklistLine[], found: BatchFindings, channel: LineChannel): Promise<AttemptEnd> {
    this.#earlier = found.ends;
    const reports = lines.filter(({ arn }) => found.parts.get(arn)?.lastAccessed === undefined);
    const simulations = lines.filter(({ arn }) => found.parts.get(arn)?.permissions === undefined);
    const stopWatching = this.#watchTime();
    try {
      await this.#bothHalves([
        this.#eachUpTo(OPEN_REPORTS, reports, (line) => this.#report(line, channel), 'lastAccessed'),
        this.#eachUpTo(OPEN_SIMULATIONS, simulations, (line) => this.#permissions(line, channel), 'permissions'),
      ]);
    } finally {
      stopWatching();
    }
    return this.#end(channel);
  }

  /** Where one half fails, nothing more is sent, and nobody is left at work when that is told. */
  async #bothHalves(halves: readonly Promise<void>[]): Promise<void> {
    for (const half of halves) {
      half.catch(() => {
        this.#broken = true;
        this.#abandon();
      });
    }
    const failed = (await Promise.allSettled(halves)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Nothing that was not sent is sent any more. */
  #abandon(): void {
    for (const queue of this.#queues) queue.abandon(this.#heavy ? overrun() : new OutOfTime('The attempt ended.'));
  }

  /** Starts work on one line after another, at most `limit` at once, while there is time. */
  async #eachUpTo(
    limit: number,
    lines: readonly WorklistLine[],
    work: (line: WorklistLine) => Promise<void>,
    part: Later['part'],
  ): Promise<void> {
    const active = new Set<Promise<void>>();
    for (const line of lines) {
      while (active.size >= limit) await Promise.race(active);
      if (!this.#takesWork(part)) {
        this.#later.push({
          line,
          part,
          problem: this.#heavy ? throttledProblem(part, overrun()) : this.#interrupted(part),
        });
        continue;
      }
      const job: Promise<void> = work(line).finally(() => active.delete(job));
      active.add(job);
    }
    await Promise.all(active);
  }

  /** New work only while what was begun can still be finished: a report that is asked for must be read, too. */
  #takesWork(part: Later['part']): boolean {
    if (this.sessionExpired || this.#heavy || this.#broken) return false;
    const left = this.invocation.remainingMs() - RESERVE_MS;
    if (part === 'permissions') return left > (this.#simulate.backlog * 1000) / this.#simulate.rate;
    const drain = (this.#openReports * 1000) / this.#read.rate + (this.#ask.backlog * 1000) / this.#ask.rate;
    return left > this.#delay.ms + drain * 1.2;
  }

  /** Ends the attempt when its time is over or the bucket is overrun: nothing that was not sent is sent any more. */
  #watchTime(): () => void {
    return watchUntil(
      this.services.clock,
      () => {
        if (this.#queues.some((queue) => queue.overrun)) this.#heavy = true;
        return this.#heavy || this.sessionExpired || this.invocation.remainingMs() <= RESERVE_MS;
      },
      () => {
        this.#abandon();
      },
    );
  }

  async #report(line: WorklistLine, channel: LineChannel): Promise<void> {
    this.#openReports += 1;
    try {
      const outcome = await lastAccessedOf(line.arn, {
        iam: this.iam,
        clock: this.services.clock,
        delay: this.#delay,
        ask: (send) => this.#ask.call(send),
        read: (send) => this.#read.call(send),
      });
      await this.#settle(line, 'lastAccessed', outcome, channel);
    } catch (error: unknown) {
      await this.#settle(line, 'lastAccessed', this.#missed(error, line, 'lastAccessed'), channel);
    } finally {
      this.#openReports -= 1;
    }
  }

  async #permissions(line: WorklistLine, channel: LineChannel): Promise<void> {
    let order: 'new' | 'continued' = 'new';
    try {
      const outcome = await permissionsOf(line, {
        iam: this.iam,
        clock: this.services.clock,
        limits: this.#limits,
        simulate: (send) => {
          const answer = this.#simulate.call(send, order);
          order = 'continued';
          return answer;
        },
      });
      await this.#settle(line, 'permissions', outcome, channel);
    } catch (error: unknown) {
      await this.#settle(line, 'permissions', this.#missed(error, line, 'permissions'), channel);
    }
  }

  /** A fault that another attempt may not meet is left for it; one that lasts is recorded now. */
  #missed(error: unknown, line: WorklistLine, part: Later['part']): Outcome<LastAccessed> | Outcome<Permissions> {
    if (error instanceof OutOfTime) return { kind: 'later', problem: this.#interrupted(part) };
    if (!(error instanceof AwsFault)) throw error;
    const problem: Problem = { step: part, code: error.code, message: error.message };
    switch (error.kind) {
      case 'expired':
      case 'unauthenticated':
        this.sessionExpired = true;
        return { kind: 'later', problem };
      case 'throttled':
        return { kind: 'later', problem: throttledProblem(part, error) };
      case 'transient':
        return { kind: 'later', problem };
      case 'denied':
      case 'missing':
      case 'refused':
      case 'other':
        return this.#failed(line, part, problem);
    }
  }

  #failed(line: WorklistLine, part: Later['part'], problem: Problem): Outcome<LastAccessed> | Outcome<Permissions> {
    const now = this.services.clock.now();
    return part === 'lastAccessed'
      ? { kind: 'known', part: failedLastAccessed(now), problems: [problem] }
      : { kind: 'known', part: failedPermissions(now, line.ruledOut), problems: [problem] };
  }

  async #settle(
    line: WorklistLine,
    kind: Later['part'],
    outcome: Outcome<LastAccessed> | Outcome<Permissions>,
    channel: LineChannel,
  ): Promise<void> {
    if (outcome.kind === 'later') {
      if (outcome.problem.code === 'ReportTimedOut') this.#timedOut.push(line.arn);
      if (outcome.problem.code === 'ReportTimedOut' && this.#timeOutsOf(line.arn) >= REPORT_ATTEMPTS) {
        await this.#settle(line, kind, this.#failed(line, kind, outcome.problem), channel);
        return;
      }
      this.#later.push({ line, part: kind, problem: outcome.problem });
      return;
    }
    this.#partsFound += 1;
    this.services.onProgress?.({ kind: 'settled' });
    await channel.push(JSON.stringify({ kind, arn: line.arn, part: outcome.part, problems: outcome.problems }));
  }

  async #end(channel: LineChannel): Promise<AttemptEnd> {
    const stalled = this.#partsFound > 0 ? 0 : this.input.stalled + 1;
    const isLast = stalled >= MAX_STALLED || this.input.attempt >= MAX_ATTEMPTS;
    const unfinished = this.#later.length > 0 && !isLast;
    if (!unfinished) {
      // A copy: settling a failed part never leaves it for later again.
      for (const { line, part, problem } of [...this.#later]) {
        await this.#settle(line, part, this.#failed(line, part, problem), channel);
      }
    }
    const now = this.services.clock.now();
    return {
      kind: 'end',
      finished: !unfinished,
      resumeAt: unfinished ? new Date(now + this.#coolDownMs(stalled)).toISOString() : null,
      stalled,
      timedOut: this.#timedOut,
      calls: this.calls.work(this.pace.waits()),
    };
  }

  /** In how many attempts of this run the principal's report was not ready in time. */
  #timeOutsOf(arn: string): number {
    return [...this.#earlier.map(({ timedOut }) => timedOut), this.#timedOut].filter((arns) => arns.includes(arn))
      .length;
  }

  /** How long the state machine waits before the next attempt, in milliseconds. */
  #coolDownMs(stalled: number): number {
    const waits = this.#heavy || stalled > 0 || this.#later.some(({ problem }) => problem.code === 'ReportTimedOut');
    return waits ? Math.min(COOL_DOWN_CAP_MS, COOL_DOWN_MS * 2 ** stalled) : 0;
  }

  #interrupted(step: Later['part']): Problem {
    return { step, ...interrupted };
  }
}
