import { isThrottle } from '../ports/aws-fault.ts';
import type { MonotonicClock } from '../ports/monotonic-clock.ts';
import { objects } from '../contract/objects.ts';
import type { CallTimeline } from '../contract/calls/timeline.ts';
import { TimelineCounter } from '../ports/calls/call-timeline.ts';
import type { Clock } from '../ports/clock.ts';
import type { Services } from '../ports/services.ts';
import { PreconditionFailed } from '../ports/store.ts';
import { expectedEnd, type BucketTurn } from './bucket-turn.ts';
import { withShare } from './controller/controller-settings.ts';
import { OperationGroups } from './operation-groups.ts';
import { PacedQueue, queueClock } from './paced-queue.ts';
import type { RateController } from './controller/rate-controller.ts';
import { RateLimitedController } from './rate-limited-controller.ts';
import { readPace, recentSharedBucketResult, writePace, type StoredPace } from './stored-pace.ts';
import { readStartingPace, recordAccountPace, type StartingPace } from './starting-pace.ts';
import { hasNoMemory, paceMemoryOf, staleOperations, startController, type PaceMemory } from './pace-memory.ts';

/** Time for the workflow to start the next attempt of the account that keeps its turn. */
const NEXT_ATTEMPT_MS = 60_000;

interface Run {
  readonly runId: string;
  readonly accountId: string;
}

/**
 * Holds the pace of an account for one invocation. If accounts share a bucket, their batches take turns, and it holds the
 * pace of all of them. Opening writes the memory at once. If an older invocation is still running, its version no longer
 * exists when it saves, so it stops.
 */
export class PaceKeeper {
  readonly #groups: OperationGroups;
  readonly #queues = new Map<string, PacedQueue>();
  readonly #timeline = new TimelineCounter();
  /**
   * Milliseconds after which reports are usually ready, as a batch measured it. Null if no batch did. Saved with the
   * pace.
   */
  reportReadyMs: number | null;
  /** The clock of all queues and controllers. It continues from the times in the stored states of this run. */
  readonly #clock: MonotonicClock;
  #abandoned: Error | null = null;
  #turnEnded = false;

  private constructor(
    private readonly services: Services,
    private readonly runId: string,
    private readonly key: string,
    private readonly memory: PaceMemory | null,
    private etag: string,
    private readonly turn: BucketTurn | null,
    /** Only for an account that has learned nothing yet. What it learns is stored for others. */
    private readonly firstOf: { readonly accountId: string; readonly starting: StartingPace } | null,
  ) {
    this.reportReadyMs = memory?.reportReadyMs ?? firstOf?.starting.reportReadyMs ?? null;
    this.#groups = new OperationGroups(withShare(services.settings.rateShare));
    this.#clock = continuedClock(services.clock, memory?.runId === runId ? memory : null);
  }

  /**
   * Opens the account's own pace, whether or not accounts share a bucket.
   * @throws PreconditionFailed when another invocation opens at the same moment; StoreError
   */
  static async open(services: Services, run: Run): Promise<PaceKeeper> {
    const key = objects.pace(run.accountId);
    return PaceKeeper.#open(services, run, key, await readPace(services, key), null);
  }

  /**
   * Opens the pace of an account's batches. If accounts share a bucket, this is the pace of all of them, and the account
   * takes the turn.
   * @param calls the calls of each operation that the batch will send
   * @returns the turn of another account of this run; null if another invocation has written the shared pace at this moment
   * @throws PreconditionFailed when another invocation of the same account opens at the same moment; StoreError
   */
  static async openForBatch(
    services: Services,
    run: Run,
    calls: Readonly<Record<string, number>>,
    remainingMs: number,
  ): Promise<PaceKeeper | BucketTurn | null> {
    const now = services.clock.now();
    const hub = await readPace(services, objects.hubPace);
    if (hub.memory === null || recentSharedBucketResult(hub.memory, now)?.shared !== true) {
      const key = objects.pace(run.accountId);
      const own = await readPace(services, key);
      const isFirst = hasNoMemory(own.memory, run.runId, Object.keys(calls), now);
      const starting = isFirst ? await readStartingPace(services) : null;
      return PaceKeeper.#open(services, run, key, own, null, starting);
    }
    const { turn, runId, operations } = hub.memory;
    // The turn of an earlier run means nothing: only one run has the claim.
    const isTaken = turn !== undefined && runId === run.runId && turn.accountId !== run.accountId;
    if (isTaken && Date.parse(turn.until) > now) return turn;
    const rates = Object.fromEntries(
      Object.entries(operations).flatMap(([operation, { learned }]) =>
        learned === null ? [] : [[operation, learned.perSecond]],
      ),
    );
    const own: BucketTurn = {
      accountId: run.accountId,
      expectedEnd: new Date(expectedEnd(calls, rates, now)).toISOString(),
      until: new Date(now + remainingMs).toISOString(),
    };
    try {
      return await PaceKeeper.#open(services, run, objects.hubPace, hub, own);
    } catch (error: unknown) {
      if (error instanceof PreconditionFailed) return null;
      throw error;
    }
  }

  /**
   * @param turn the turn to take; null if accounts do not share the pace
   * @param starting what an account without memory starts from
   */
  static async #open(
    services: Services,
    { runId, accountId }: Run,
    key: string,
    { memory, etag: storedEtag }: StoredPace,
    turn: BucketTurn | null,
    starting: StartingPace | null = null,
  ): Promise<PaceKeeper> {
    const { store, clock } = services;
    for (const warning of memory === null ? [] : staleOperations(memory, runId, clock.now())) {
      services.warn(`${key}: ${warning}`);
    }
    const empty = paceMemoryOf(runId, new Map(), turn === null || memory?.runId === runId ? null : memory, clock.now());
    // The turn belongs to this run, so the stored run must be this one. The states of an earlier run do not apply to it.
    const opened = turn === null ? (memory ?? empty) : memory?.runId === runId ? memory : empty;
    const etag = await writePace(
      store,
      key,
      // The time of opening makes each version different, as compare-and-set needs it.
      { ...opened, updatedAt: new Date(clock.now()).toISOString(), ...(turn === null ? {} : { turn }) },
      storedEtag === null ? { ifNoneMatch: '*' } : { ifMatch: storedEtag },
    );
    const firstOf = starting === null ? null : { accountId, starting };
    return new PaceKeeper(services, runId, key, memory, etag, turn, firstOf);
  }

  /** The queue of an operation. It continues at the stored pace. */
  queue(operation: string): PacedQueue {
    const existing = this.#queues.get(operation);
    if (existing !== undefined) return existing;
    const queue = new PacedQueue({
      controller: this.#controller(operation),
      clock: this.#clock,
      random: this.services.random,
      isThrottle,
      onWaited: (from, to) => {
        this.#timeline.waited(operation, from, to);
      },
    });
    this.#queues.set(operation, queue);
    if (this.#abandoned !== null) queue.abandon(this.#abandoned);
    return queue;
  }

  /** Milliseconds that each operation's calls have waited for their pace in this invocation. */
  waits(): Map<string, number> {
    return new Map([...this.#queues].map(([operation, { waitedMs }]) => [operation, waitedMs]));
  }

  /** When calls waited for their pace in this invocation. Null if none did. */
  timeline(): CallTimeline | null {
    return this.#timeline.timeline();
  }

  /** Calls that were not sent yet are never sent. */
  abandon(reason: Error): void {
    this.#abandoned = reason;
    for (const queue of this.#queues.values()) queue.abandon(reason);
  }

  #controller(operation: string): RateController {
    const { rateShare, maxRate } = this.services.settings;
    const ofThisRun = this.memory?.runId === this.runId ? this.memory : null;
    const now = this.#clock.now();
    const others = this.firstOf?.starting.rates[operation] ?? null;
    const controller = startController(this.memory, this.runId, operation, now, withShare(rateShare), others);
    const together = ofThisRun?.together?.find((operations) => operations.includes(operation));
    const grouped = this.#groups.add(operation, controller, together);
    if (maxRate === undefined) return grouped;
    return new RateLimitedController(grouped, maxRate, ofThisRun?.operations[operation]?.state?.sentAt ?? null);
  }

  /** Whether another account may use the shared bucket already. */
  get turnEnded(): boolean {
    return this.#turnEnded;
  }

  /**
   * Ends the turn on a shared bucket: saves the pace, and another account continues with it. The calls that are left must be
   * so few that they need no pace. Without a shared bucket it does nothing.
   * @throws PreconditionFailed when another invocation has taken over; StoreError
   */
  async endTurn(): Promise<void> {
    if (this.turn === null || this.#turnEnded) return;
    await this.#write(null);
    this.#turnEnded = true;
  }

  /**
   * @param nextAttemptAt when the account's next attempt starts, in milliseconds since the epoch. Until then it keeps its
   *   turn. Null: no attempt follows
   * @throws PreconditionFailed when another invocation has taken over; StoreError
   */
  async save(nextAttemptAt: number | null = null): Promise<void> {
    // Another account has the pace now. Only the last reads of this account are missing in it.
    if (this.#turnEnded) return;
    if (this.turn === null || nextAttemptAt === null) return this.#write(null);
    const expected = new Date(nextAttemptAt).toISOString();
    const until = new Date(nextAttemptAt + NEXT_ATTEMPT_MS).toISOString();
    await this.#write({ ...this.turn, expectedEnd: expected, until });
  }

  async #write(turn: BucketTurn | null): Promise<void> {
    const memory = paceMemoryOf(
      this.runId,
      this.#groups.controllers(),
      this.memory,
      this.#clock.now(),
      this.#groups.groups(),
      this.#groups.operationsMeasured(),
    );
    const saved: PaceMemory = {
      ...memory,
      // The wall clock, unlike the times in the states: the difference shows by how much the clock was set back.
      updatedAt: new Date(this.services.clock.now()).toISOString(),
      ...(this.reportReadyMs === null ? {} : { reportReadyMs: this.reportReadyMs }),
      ...(turn === null ? {} : { turn }),
    };
    this.etag = await writePace(this.services.store, this.key, saved, { ifMatch: this.etag });
    if (this.firstOf !== null) await recordAccountPace(this.services, this.firstOf.accountId, saved);
  }
}

/**
 * The clock that the queues of this invocation use. The stored states have times of an earlier invocation's clock. If the
 * wall clock was set back during that invocation or since then, these times lie in the future of the wall clock.
 * @param memory the memory that this run has stored. Null: this run has stored none
 */
function continuedClock(clock: Clock, memory: PaceMemory | null): MonotonicClock {
  if (memory === null) return queueClock(clock);
  const wall = Date.parse(memory.updatedAt);
  const times = Object.values(memory.operations).flatMap(({ state }) => state?.updatedAt ?? []);
  // `updatedAt` of the memory has whole milliseconds.
  return queueClock(clock, { wall, time: Math.max(wall, ...times.map(Math.floor)) });
}
