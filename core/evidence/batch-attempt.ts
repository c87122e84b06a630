import pLimit from 'p-limit';
import type { PartKind, WorklistLine } from '../contract/account-objects.ts';
import type { AuditBatchInput } from '../contract/messages.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import { timelineField } from '../pacing/session-timeline.ts';
import type { AccountSession } from '../ports/iam.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { LineChannel } from '../streams/line-channel.ts';
import { attemptEnd } from './attempt-end.ts';
import { AttemptLimits } from './attempt-limits.ts';
import { AttemptResults } from './attempt-results.ts';
import type { BatchEnd } from './batch-lines.ts';
import { endsSession, incompletePart, notStarted, type PartOutcome } from './incomplete-part.ts';
import { lastAccessedOf, ReadyDelay } from './last-accessed.ts';
import { permissionsOf } from './permissions.ts';
import { SimulationLimits } from './simulation-requests.ts';
import { SpreadStarts } from './spread-starts.ts';
import type { EarlierAttempts } from './worklist.ts';

/**
 * Maximum reports that are requested and not read yet. Limits memory, and the loss if an invocation is killed. Enough for 50
 * reports a second, if each call takes 3 s and a report is ready after 10 s.
 */
const MAX_OPEN_REPORTS = 800;
/** Principals that are simulated at once, each with one call at a time: as many as calls may be in flight. */
const MAX_OPEN_SIMULATIONS = 512;

/** Whether AWS must be asked. If no action is left to simulate, the permissions are known. */
const needsCall = ({ actions }: WorklistLine, part: PartKind): boolean => part === 'lastAccessed' || actions.length > 0;

/** How an attempt ended, without the Lambda usage of its invocation, which is known only after the pace is saved. */
export type AttemptEnd = Omit<BatchEnd, 'use'>;

/**
 * One invocation's work on a batch. Reports and simulations run concurrently, and each finished part is written at
 * once. What is not finished is left to the next attempt, with the reason.
 */
export class BatchAttempt {
  readonly #delay: ReadyDelay;
  readonly #limits: AttemptLimits;
  readonly #simulationLimits = new SimulationLimits();
  readonly #starts: SpreadStarts;
  /** Reports that were not requested yet. */
  #unrequested = 0;
  #simulating = true;
  #turnEnd: Promise<void> | null = null;

  constructor(
    private readonly input: AuditBatchInput,
    private readonly earlier: EarlierAttempts,
    private readonly services: Services,
    invocation: Invocation,
    private readonly pace: PaceKeeper,
    private readonly session: AccountSession,
  ) {
    this.#delay = new ReadyDelay(pace.reportReadyMs);
    const { calls } = session;
    this.#starts = new SpreadStarts(input.batch, services.clock);
    this.#limits = new AttemptLimits(input, earlier.ends, services.clock, invocation, calls, this.#delay, pace);
  }

  /** True after AWS has refused the session: the next attempt needs a new one. */
  get sessionExpired(): boolean {
    return this.#limits.sessionExpired;
  }

  async run(lines: readonly WorklistLine[], channel: LineChannel): Promise<AttemptEnd> {
    const results = new AttemptResults(this.earlier.ends, channel, this.services.clock, (part) => {
      this.services.onProgress?.({ kind: 'settled', part });
    });
    const missing = (kind: PartKind): WorklistLine[] =>
      lines.filter(({ arn, asks }) => asks.includes(kind) && !this.earlier.found[kind].has(arn));
    const reports = missing('lastAccessed');
    this.#unrequested = reports.length;
    const stopWatching = this.#limits.watch();
    try {
      await this.#bothKinds([
        this.#eachUpTo(MAX_OPEN_REPORTS, reports, 'lastAccessed', results),
        this.#simulations(missing('permissions'), results),
      ]);
      await this.#turnEnd;
    } finally {
      stopWatching();
    }
    return this.#end(results);
  }

  /**
   * Lets another account use a shared bucket while this batch waits for its last reports. Their reads come as late as their
   * requests were, so they keep the rate of the requests without a pace.
   */
  #endTurnIfSent(results: AttemptResults): void {
    const isSent = this.#unrequested === 0 && !this.#simulating && this.#limits.reads.backlog === 0;
    if (!isSent || results.postponed > 0 || this.#turnEnd !== null) return;
    this.pace.reportReadyMs = this.#delay.ms;
    this.#turnEnd = this.pace.endTurn();
    this.#turnEnd.catch(() => {
      this.#limits.fail();
    });
  }

  async #simulations(lines: readonly WorklistLine[], results: AttemptResults): Promise<void> {
    // One principal is simulated alone first: its answer shows which requests are possible for the others.
    const first = lines.findIndex(({ actions }) => actions.length > 0);
    const each = (round: readonly WorklistLine[], span?: readonly [number, number]): Promise<void> =>
      this.#eachUpTo(MAX_OPEN_SIMULATIONS, round, 'permissions', results, span);
    await each(lines.slice(first, first + 1));
    const { shared } = this.earlier;
    const [firstOfGroups, others] = shared.rounds(lines.filter((_, index) => index !== first));
    // Usually a group shares the decisions of its first principal, so only the first ones need calls and use the whole time.
    const calls = (round: readonly WorklistLine[]): number =>
      round.filter((line) => needsCall(line, 'permissions')).length;
    const share = shared.isPrevented ? calls(firstOfGroups) / Math.max(1, calls(firstOfGroups) + calls(others)) : 1;
    await each(firstOfGroups, [0, share]);
    await each(others, [share, 1]);
    this.#simulating = false;
    this.#endTurnIfSent(results);
  }

  /** Waits for both kinds of work. If one fails, no more calls are sent, and its error is thrown after both ended. */
  async #bothKinds(kinds: readonly Promise<void>[]): Promise<void> {
    for (const kind of kinds) {
      kind.catch(() => {
        this.#limits.fail();
      });
    }
    const failed = (await Promise.allSettled(kinds)).find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /**
   * Starts work on one line after another while there is time, on at most `limit` lines at once.
   * @param span the part of the batch's time over which the starts are spread, from 0 to 1
   */
  async #eachUpTo(
    limit: number,
    lines: readonly WorklistLine[],
    part: PartKind,
    results: AttemptResults,
    [from, to]: readonly [number, number] = [0, 1],
  ): Promise<void> {
    // Promise.race over the open work would use more and more memory: each open promise would keep a callback for each
    // later line.
    const atOnce = pLimit(limit);
    const one = async (line: WorklistLine): Promise<void> => {
      if (this.#limits.takesWork(part)) {
        return part === 'permissions' ? this.#permissions(line, results) : this.#report(line, results);
      }
      results.postpone(line, part, notStarted(part, this.#limits.overrun));
    };
    const started: Promise<void>[] = [];
    const calls = lines.filter((line) => needsCall(line, part)).length;
    let startedCalls = 0;
    for (const line of lines) {
      if (needsCall(line, part)) {
        const share = from + ((to - from) * startedCalls) / calls;
        await this.#starts.turn(share, () => this.#limits.takesWork(part));
        startedCalls += 1;
      }
      const work = atOnce(one, line);
      // Other lines may be waiting for their turn. Their work must not start after a write has failed.
      work.catch(() => {
        this.#limits.fail();
      });
      started.push(work);
    }
    await Promise.all(started);
  }

  async #report(line: WorklistLine, results: AttemptResults): Promise<void> {
    const limits = this.#limits;
    const key = `report ${line.arn}`;
    limits.openReports += 1;
    let isRequested = false;
    const requested = (): void => {
      if (!isRequested) this.#unrequested -= 1;
      isRequested = true;
      this.#endTurnIfSent(results);
    };
    try {
      const outcome = await lastAccessedOf(line.arn, {
        iam: this.session.iam,
        clock: this.services.clock,
        delay: this.#delay,
        ask: async (send) => {
          limits.partsInProgress.delete(key);
          const jobId = await limits.requests.call(send);
          limits.partsInProgress.add(key);
          requested();
          return jobId;
        },
        read: (send) => limits.reads.call(send),
      });
      await results.add(line, 'lastAccessed', outcome);
    } catch (error: unknown) {
      await this.#addIncomplete(error, line, 'lastAccessed', results);
    } finally {
      limits.openReports -= 1;
      limits.partsInProgress.delete(key);
      requested();
    }
  }

  async #permissions(line: WorklistLine, results: AttemptResults): Promise<void> {
    const { shared } = this.earlier;
    const sharedDecisions = shared.of(line);
    if (sharedDecisions !== null) {
      const outcome: PartOutcome = { kind: 'known', part: sharedDecisions.part, problems: [] };
      return results.add(line, 'permissions', outcome, sharedDecisions.from);
    }
    const limits = this.#limits;
    const key = `permissions ${line.arn}`;
    let order: 'new' | 'continued' = 'new';
    try {
      const outcome = await permissionsOf(line, {
        iam: this.session.iam,
        clock: this.services.clock,
        limits: this.#simulationLimits,
        simulate: async (send) => {
          const call = limits.simulations.call(send, order);
          order = 'continued';
          const answer = await call;
          limits.partsInProgress.add(key);
          return answer;
        },
      });
      if (outcome.kind === 'known') shared.add(line, outcome.part);
      await results.add(line, 'permissions', outcome);
    } catch (error: unknown) {
      await this.#addIncomplete(error, line, 'permissions', results);
    } finally {
      limits.partsInProgress.delete(key);
    }
  }

  async #addIncomplete(error: unknown, line: WorklistLine, part: PartKind, results: AttemptResults): Promise<void> {
    if (endsSession(error)) this.#limits.sessionExpired = true;
    await results.add(line, part, incompletePart(error, line, part, this.services.clock.now()));
  }

  async #end(results: AttemptResults): Promise<AttemptEnd> {
    const now = this.services.clock.now();
    this.pace.reportReadyMs = this.#delay.ms;
    const { paused, heldUntil, overrun } = this.#limits;
    const end = attemptEnd(
      {
        input: this.input,
        earlier: this.earlier.ends,
        partsFound: results.finished,
        left: results.postponed,
        overrun,
        reportTimedOut: results.reportTimedOut,
        paused,
        heldUntil,
      },
      now,
    );
    if (end.finished) await results.failPostponed(now);
    return {
      kind: 'end',
      ...end,
      endedAt: new Date(now).toISOString(),
      paused,
      heldUntil,
      timedOut: results.timedOut,
      calls: this.session.calls.work(this.pace.waits()),
      ...timelineField(this.session.calls, this.pace),
    };
  }
}
