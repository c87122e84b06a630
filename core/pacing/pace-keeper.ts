import { isThrottle } from '../ports/aws-fault.ts';
import { objects } from '../contract/objects.ts';
import type { Services } from '../ports/services.ts';
import type { BucketController } from './bucket-controller.ts';
import { withShare } from './controller-settings.ts';
import { PacedQueue } from './paced-queue.ts';
import { readPace, recentSharedBucketResult, writePace } from './stored-pace.ts';
import { paceMemoryOf, staleOperations, startController, type PaceMemory } from './pace-memory.ts';

/**
 * Holds the pace of an account for one invocation. If accounts share a bucket, they are audited one after another, and it
 * holds the pace of all of them. Opening writes the memory at once. If an older invocation is still running, its
 * version no longer exists when it saves, so it stops.
 */
export class PaceKeeper {
  readonly #controllers = new Map<string, BucketController>();
  readonly #queues = new Map<string, PacedQueue>();
  /**
   * Milliseconds after which reports are usually ready, as a batch measured it. Null if no batch did. Saved with the
   * pace.
   */
  reportReadyMs: number | null;
  #abandoned: Error | null = null;

  private constructor(
    private readonly services: Services,
    private readonly runId: string,
    private readonly key: string,
    private readonly memory: PaceMemory | null,
    private etag: string,
  ) {
    this.reportReadyMs = memory?.reportReadyMs ?? null;
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
    const { clock, random } = this.services;
    const queue = new PacedQueue({ controller: this.#controller(operation), clock, random, isThrottle });
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

  #controller(operation: string): BucketController {
    const controller = startController(
      this.memory,
      this.runId,
      operation,
      this.services.clock.now(),
      withShare(this.services.settings.rateShare),
    );
    this.#controllers.set(operation, controller);
    return controller;
  }

  /** @throws PreconditionFailed when another invocation has taken over */
  async save(): Promise<void> {
    const memory = paceMemoryOf(this.runId, this.#controllers, this.memory, this.services.clock.now());
    const saved = this.reportReadyMs === null ? memory : { ...memory, reportReadyMs: this.reportReadyMs };
    this.etag = await writePace(this.services.store, this.key, saved, { ifMatch: this.etag });
  }
}
