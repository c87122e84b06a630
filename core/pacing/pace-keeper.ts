import { isThrottle } from '../ports/aws-fault.ts';
import type { MonotonicClock } from '../ports/monotonic-clock.ts';
import { objects } from '../contract/objects.ts';
import type { Clock } from '../ports/clock.ts';
import type { Services } from '../ports/services.ts';
import { withShare } from './controller/controller-settings.ts';
import { OperationGroups } from './operation-groups.ts';
import { PacedQueue, queueClock } from './paced-queue.ts';
import type { RateController } from './controller/rate-controller.ts';
import { RateLimitedController } from './rate-limited-controller.ts';
import { readPace, recentSharedBucketResult, writePace } from './stored-pace.ts';
import { paceMemoryOf, staleOperations, startController, type PaceMemory } from './pace-memory.ts';

/**
 * Holds the pace of an account for one invocation. If accounts share a bucket, they are audited one after another, and it
 * holds the pace of all of them. Opening writes the memory at once. If an older invocation is still running, its
 * version no longer exists when it saves, so it stops.
 */
export class PaceKeeper {
  readonly #groups: OperationGroups;
  readonly #queues = new Map<string, PacedQueue>();
  /**
   * Milliseconds after which reports are usually ready, as a batch measured it. Null if no batch did. Saved with the
   * pace.
   */
  reportReadyMs: number | null;
  /** The clock of all queues and controllers. It continues from the times in the stored states of this run. */
  readonly #clock: MonotonicClock;
  #abandoned: Error | null = null;

  private constructor(
    private readonly services: Services,
    private readonly runId: string,
    private readonly key: string,
    private readonly memory: PaceMemory | null,
    private etag: string,
  ) {
    this.reportReadyMs = memory?.reportReadyMs ?? null;
    this.#groups = new OperationGroups(withShare(services.settings.rateShare));
    this.#clock = continuedClock(services.clock, memory?.runId === runId ? memory : null);
  }

  /** @throws PreconditionFailed when another invocation opens at the same moment */
  static async open(services: Services, run: { runId: string; accountId: string }): Promise<PaceKeeper> {
    const { store, clock } = services;
    const hub = await readPace(services, objects.hubPace);
    const shared = recentSharedBucketResult(hub.memory, clock.now())?.shared === true;
    const key = shared ? objects.hubPace : objects.pace(run.accountId);
    const { memory, etag: storedEtag } = shared ? hub : await readPace(services, key);
    for (const warning of memory === null ? [] : staleOperations(memory, run.runId, clock.now())) {
      services.warn(`${key}: ${warning}`);
    }
    const opened = memory ?? paceMemoryOf(run.runId, new Map(), null, clock.now());
    const etag = await writePace(
      store,
      key,
      // The time of opening makes each version different, as compare-and-set needs it.
      { ...opened, updatedAt: new Date(clock.now()).toISOString() },
      storedEtag === null ? { ifNoneMatch: '*' } : { ifMatch: storedEtag },
    );
    return new PaceKeeper(services, run.runId, key, memory, etag);
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
    });
    this.#queues.set(operation, queue);
    if (this.#abandoned !== null) queue.abandon(this.#abandoned);
    return queue;
  }

  /** Milliseconds that each operation's calls have waited for their pace in this invocation. */
  waits(): Map<string, number> {
    return new Map([...this.#queues].map(([operation, { waitedMs }]) => [operation, waitedMs]));
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
    const controller = startController(this.memory, this.runId, operation, now, withShare(rateShare));
    const together = ofThisRun?.together?.find((operations) => operations.includes(operation));
    const grouped = this.#groups.add(operation, controller, together);
    if (maxRate === undefined) return grouped;
    return new RateLimitedController(grouped, maxRate, ofThisRun?.operations[operation]?.state?.sentAt ?? null);
  }

  /** @throws PreconditionFailed when another invocation has taken over */
  async save(): Promise<void> {
    const memory = paceMemoryOf(
      this.runId,
      this.#groups.controllers(),
      this.memory,
      this.#clock.now(),
      this.#groups.groups(),
    );
    const saved: PaceMemory = {
      ...memory,
      // The wall clock, unlike the times in the states: the difference shows by how much the clock was set back.
      updatedAt: new Date(this.services.clock.now()).toISOString(),
      ...(this.reportReadyMs === null ? {} : { reportReadyMs: this.reportReadyMs }),
    };
    this.etag = await writePace(this.services.store, this.key, saved, { ifMatch: this.etag });
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
