import { isThrottle } from '../ports/aws-fault.ts';
import { objects } from '../contract/objects.ts';
import type { Services } from '../ports/services.ts';
import type { BucketController } from './controller.ts';
import { defaultPacing } from './controller-settings.ts';
import { PacedQueue } from './paced-queue.ts';
import { readPace, recentSharedBucketResult, writePace } from './stored-pace.ts';
import { paceMemoryOf, staleOperations, startController, type PaceMemory } from './pace-memory.ts';

/**
 * Holds the pace of an account for one invocation, or, where accounts share a bucket, the pace of all of them: they are
 * audited one after another then. Opening writes the memory back at once, so that an older invocation
 * that still runs finds its version gone when it saves, and gives way.
 */
export class PaceKeeper {
  readonly #controllers = new Map<string, BucketController>();
  readonly #queues = new Map<string, PacedQueue>();
  /** What a batch learned of the time that reports take, in milliseconds; null where none has. Saved with the pace. */
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
    const { memory, etag: found } = shared ? hub : await readPace(services, key);
    for (const warning of memory === null ? [] : staleOperations(memory, run.runId, clock.now())) {
      services.warn(`${key}: ${warning}`);
    }
    const opened = memory ?? paceMemoryOf(run.runId, new Map(), null, clock.now());
    const etag = await writePace(
      store,
      key,
      // The time of opening makes each version differ, so that compare-and-set can tell them apart.
      { ...opened, updatedAt: new Date(clock.now()).toISOString() },
      found === null ? { ifNoneMatch: '*' } : { ifMatch: found },
    );
    return new PaceKeeper(services, run.runId, key, memory, etag);
  }

  /** The one queue of an operation, at the pace that was carried to here. */
  queue(operation: string): PacedQueue {
    const known = this.#queues.get(operation);
    if (known !== undefined) return known;
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

  /** Nothing that was not sent yet is sent any more. */
  abandon(reason: Error): void {
    this.#abandoned = reason;
    for (const queue of this.#queues.values()) queue.abandon(reason);
  }

  #controller(operation: string): BucketController {
    const controller = startController(this.memory, this.runId, operation, this.services.clock.now(), {
      ...defaultPacing,
      share: this.services.settings.rateShare,
    });
    this.#controllers.set(operation, controller);
    return controller;
  }

  /** @throws PreconditionFailed when another invocation has taken over */
  async save(): Promise<void> {
    const memory = paceMemoryOf(this.runId, this.#controllers, this.memory, this.services.clock.now());
    const learned = this.reportReadyMs === null ? memory : { ...memory, reportReadyMs: this.reportReadyMs };
    this.etag = await writePace(this.services.store, this.key, learned, { ifMatch: this.etag });
  }
}
