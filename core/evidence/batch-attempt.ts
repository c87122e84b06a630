import pLimit from 'p-limit';
import type { CallLedger } from '../ports/call-ledger.ts';
import type { PartKind, WorklistLine } from '../contract/account-objects.ts';
import type { Problem } from '../contract/evidence.ts';
import type { AuditBatchInput } from '../contract/messages.ts';
import type { IamReader } from '../ports/iam.ts';
import type { LineChannel } from '../streams/line-channel.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import type { PacedQueue } from '../pacing/paced-queue.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { breakEvenMs } from '../cost/sleep-or-wait.ts';
import { stopWhen } from '../ports/deadline.ts';
import { attemptEnd, isFruitless, isGap, mayPause, nextCalls } from './attempt-end.ts';
import type { BatchEnd } from './batch-lines.ts';
import { lastAccessedOf, ReadyDelay } from './last-accessed.ts';
import {
  endsSession,
  failedPart,
  missedPart,
  notBegun,
  OutOfTime,
  overrun,
  type PartOutcome,
} from './incomplete-part.ts';
import { permissionsOf } from './permissions.ts';
import type { SharedSimulations } from './shared-simulations.ts';
import { SimulationLimits } from './simulation-requests.ts';
import type { EarlierAttempts } from './worklist.ts';

const ASK = 'iam:GenerateServiceLastAccessedDetails';
const READ = 'iam:GetServiceLastAccessedDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';

/** Kept for writing what was found: a batch's object is a few megabytes. */
const RESERVE_MS = 30_000;
/** Reports that are asked for and not yet read: bounds memory, and what is lost when an invocation dies. */
const OPEN_REPORTS = 400;
const OPEN_SIMULATIONS = 128;
/** A report that timed out in so many attempts is not made any more. */
const REPORT_ATTEMPTS = 3;

/** How an attempt ended; what its invocation used is only known once its pace is saved. */
export type AttemptEnd = Omit<BatchEnd, 'use'>;

interface Later {
  readonly line: WorklistLine;
  readonly part: PartKind;
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
  readonly #delay: ReadyDelay;
  readonly #limits = new SimulationLimits();
  readonly #ask: PacedQueue;
  readonly #read: PacedQueue;
  readonly #simulate: PacedQueue;
  readonly #queues: readonly (readonly [operation: string, queue: PacedQueue])[];
  /** Parts whose calls so far would be lost: a report that was asked for, a principal simulated in part. */
  readonly #underWay = new Set<string>();
  #heavy = false;
  /** No call can be sent for so long that waiting outside is cheaper. */
  #paused = false;
  #heldUntil: BatchEnd['heldUntil'] = {};
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
    this.#delay = new ReadyDelay(pace.reportReadyMs);
    this.#ask = pace.queue(ASK);
    this.#read = pace.queue(READ);
    this.#simulate = pace.queue(SIMULATE);
    this.#queues = [ASK, READ, SIMULATE].map((operation) => [operation, pace.queue(operation)] as const);
  }

  async run(lines: readonly WorklistLine[], earlier: EarlierAttempts, channel: LineChannel): Promise<AttemptEnd> {
    const { found, shared, ends } = earlier;
    this.#earlier = ends;
    for (const [operation, time] of Object.entries(ends.at(-1)?.heldUntil ?? {})) {
      this.pace.queue(operation).holdUntil(Date.parse(time));
    }
    const missing = (kind: PartKind): WorklistLine[] =>
      lines.filter(({ arn, asks }) => asks.includes(kind) && !found[kind].has(arn));
    const reports = missing('lastAccessed');
    const stopWatching = this.#watchTime();
    try {
      await this.#bothHalves([
        this.#eachUpTo(OPEN_REPORTS, reports, (line) => this.#report(line, channel), 'lastAccessed'),
        this.#simulations(missing('permissions'), shared, channel),
      ]);
    } finally {
      stopWatching();
    }
    return this.#end(channel);
  }

  async #simulations(lines: readonly WorklistLine[], shared: SharedSimulations, channel: LineChannel): Promise<void> {
    // The first alone: its answer says how the others may be asked.
    const first = lines.findIndex(({ actions }) => actions.length > 0);
    const rounds = [lines.slice(first, first + 1), ...shared.rounds(lines.filter((_, index) => index !== first))];
    for (const round of rounds) {
      await this.#eachUpTo(OPEN_SIMULATIONS, round, (line) => this.#permissions(line, shared, channel), 'permissions');
    }
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
    this.#heldUntil = nextCalls(this.#queues);
    for (const [, queue] of this.#queues) queue.abandon(this.#heavy ? overrun() : new OutOfTime('The attempt ended.'));
  }

  /** Starts work on one line after another, at most `limit` at once, while there is time. */
  async #eachUpTo(
    limit: number,
    lines: readonly WorklistLine[],
    work: (line: WorklistLine) => Promise<void>,
    part: PartKind,
  ): Promise<void> {
    // Not by a race of those at work: each would keep a reaction for every line that came after it.
    const atOnce = pLimit(limit);
    const one = async (line: WorklistLine): Promise<void> => {
      if (this.#takesWork(part)) return work(line);
      this.#later.push({ line, part, problem: notBegun(part, this.#heavy) });
    };
    await Promise.all(lines.map((line) => atOnce(one, line)));
  }

  /** New work only while what was begun can still be finished: a report that is asked for must be read, too. */
  #takesWork(part: PartKind): boolean {
    if (this.sessionExpired || this.#heavy || this.#broken || this.#paused) return false;
    const left = this.invocation.remainingMs() - RESERVE_MS;
    if (part === 'permissions') return left > (this.#simulate.backlog * 1000) / this.#simulate.rate;
    const drain = (this.#openReports * 1000) / this.#read.rate + (this.#ask.backlog * 1000) / this.#ask.rate;
    return left > this.#delay.ms + drain * 1.2;
  }

  /** Ends the attempt when its time is over, the bucket is overrun or a gap is long: what was not sent waits. */
  #watchTime(): () => void {
    return stopWhen(
      this.services.clock,
      () => {
        if (this.#queues.some(([, queue]) => queue.heavilyThrottled)) this.#heavy = true;
        else this.#lookForGap();
        return this.#heavy || this.sessionExpired || this.#paused || this.invocation.remainingMs() <= RESERVE_MS;
      },
      () => {
        this.#abandon();
      },
    );
  }

  /** A gap that costs less as a Wait state ends the attempt, unless calls would be lost with it. */
  #lookForGap(): void {
    if (this.#underWay.size > 0 || !mayPause(this.#earlier, this.input.batch.pauses)) return;
    if (!isGap(this.#queues, this.services.clock.now(), breakEvenMs(this.invocation.memoryMegabytes))) return;
    if (isFruitless([...this.#earlier, { paused: true, calls: this.calls.work() }])) this.#heavy = true;
    else this.#paused = true;
  }

  async #report(line: WorklistLine, channel: LineChannel): Promise<void> {
    const key = `report ${line.arn}`;
    this.#openReports += 1;
    try {
      const outcome = await lastAccessedOf(line.arn, {
        iam: this.iam,
        clock: this.services.clock,
        delay: this.#delay,
        ask: async (send) => {
          this.#underWay.delete(key);
          const jobId = await this.#ask.call(send);
          this.#underWay.add(key);
          return jobId;
        },
        read: (send) => this.#read.call(send),
      });
      await this.#settle(line, 'lastAccessed', outcome, channel);
    } catch (error: unknown) {
      await this.#miss(error, line, 'lastAccessed', channel);
    } finally {
      this.#openReports -= 1;
      this.#underWay.delete(key);
    }
  }

  async #permissions(line: WorklistLine, shared: SharedSimulations, channel: LineChannel): Promise<void> {
    const known = shared.of(line);
    if (known !== null) {
      const outcome: PartOutcome = { kind: 'known', part: known.part, problems: [] };
      return this.#settle(line, 'permissions', outcome, channel, known.from);
    }
    const key = `permissions ${line.arn}`;
    let order: 'new' | 'continued' = 'new';
    try {
      const outcome = await permissionsOf(line, {
        iam: this.iam,
        clock: this.services.clock,
        limits: this.#limits,
        simulate: async (send) => {
          const call = this.#simulate.call(send, order);
          order = 'continued';
          const answer = await call;
          this.#underWay.add(key);
          return answer;
        },
      });
      if (outcome.kind === 'known') shared.add(line, outcome.part);
      await this.#settle(line, 'permissions', outcome, channel);
    } catch (error: unknown) {
      await this.#miss(error, line, 'permissions', channel);
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #miss(error: unknown, line: WorklistLine, part: PartKind, channel: LineChannel): Promise<void> {
    if (endsSession(error)) this.sessionExpired = true;
    await this.#settle(line, part, missedPart(error, line, part, this.services.clock.now()), channel);
  }

  async #settle(
    line: WorklistLine,
    kind: PartKind,
    outcome: PartOutcome,
    channel: LineChannel,
    sharedFrom?: string,
  ): Promise<void> {
    if (outcome.kind === 'later') {
      if (outcome.problem.code === 'ReportTimedOut') this.#timedOut.push(line.arn);
      if (outcome.problem.code === 'ReportTimedOut' && this.#timeOutsOf(line.arn) >= REPORT_ATTEMPTS) {
        const failed = failedPart(line, kind, outcome.problem, this.services.clock.now());
        await this.#settle(line, kind, failed, channel);
        return;
      }
      this.#later.push({ line, part: kind, problem: outcome.problem });
      return;
    }
    this.#partsFound += 1;
    this.services.onProgress?.({ kind: 'settled' });
    const { part, problems } = outcome;
    await channel.push(JSON.stringify({ kind, arn: line.arn, part, problems, sharedFrom }));
  }

  async #end(channel: LineChannel): Promise<AttemptEnd> {
    const now = this.services.clock.now();
    this.pace.reportReadyMs = this.#delay.ms;
    const end = attemptEnd(
      {
        input: this.input,
        earlier: this.#earlier,
        partsFound: this.#partsFound,
        left: this.#later.length,
        overrun: this.#heavy,
        reportTimedOut: this.#later.some(({ problem }) => problem.code === 'ReportTimedOut'),
        paused: this.#paused,
        heldUntil: this.#heldUntil,
      },
      now,
    );
    if (end.finished) {
      // A copy: settling a failed part never leaves it for later again.
      for (const { line, part, problem } of [...this.#later]) {
        await this.#settle(line, part, failedPart(line, part, problem, now), channel);
      }
    }
    return {
      kind: 'end',
      ...end,
      endedAt: new Date(now).toISOString(),
      paused: this.#paused,
      heldUntil: this.#heldUntil,
      timedOut: this.#timedOut,
      calls: this.calls.work(this.pace.waits()),
    };
  }

  /** In how many attempts of this run the principal's report was not ready in time. */
  #timeOutsOf(arn: string): number {
    return [...this.#earlier.map(({ timedOut }) => timedOut), this.#timedOut].filter((arns) => arns.includes(arn))
      .length;
  }
}
