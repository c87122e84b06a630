import { SdkAccountAccess } from '../../../aws/account-access.ts';
import type { HandlerName } from '../../../core/contract/environment.ts';
import { objects } from '../../../core/contract/objects.ts';
import { UnstoredWork } from '../../../core/ports/calls/unstored-work.ts';
import type { AccountAccess } from '../../../core/ports/iam.ts';
import type { Services } from '../../../core/ports/services.ts';
import type { ObjectStore } from '../../../core/ports/store.ts';
import { handlers } from '../../../local/handlers.ts';
import { chaoticStore, type ObservedWrite } from './chaotic-store.ts';
import { LambdaFault, Life, type KillPoint } from './life.ts';
import type { ChaosWorld } from './world.ts';
import { pick } from './plan.ts';

/** Named errors of a process that ends: the first two are repeated by the workflow, the last one is not. */
const DEATHS = ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError'] as const;
/** Most kills are early, and some in the middle of a batch. */
const MOST_REQUESTS = 120;
const LONGEST_OVERLAP_MS = 60_000;

/** One invocation and what it did. */
export interface ObservedInvocation {
  readonly handler: HandlerName;
  readonly payload: unknown;
  readonly startedAt: number;
  readonly writes: ObservedWrite[];
  /** Null while it runs, and if its process ended. */
  result:
    { readonly kind: 'returned'; readonly value: unknown } | { readonly kind: 'threw'; readonly error: unknown } | null;
}

/** A bug that a test plants into the services of every invocation. */
export interface PlantedBug {
  readonly store?: (store: ObjectStore, payload: unknown) => ObjectStore;
  readonly access?: (access: AccountAccess) => AccountAccess;
}

/** A warm process of a function. It keeps its sessions, as in the cloud, and runs one invocation at a time. */
interface Container {
  life: Life;
  readonly access: AccountAccess;
  readonly unstoredWork: UnstoredWork;
}

/** Runs the functions as Lambda does: each invocation in a container, at least once, and some only in part. */
export class Invocations {
  readonly observed: ObservedInvocation[] = [];
  /** Invocations that nobody waits for any more. */
  readonly #left = new Set<Promise<unknown>>();
  readonly #idle = new Map<HandlerName, Container[]>();

  constructor(private readonly world: ChaosWorld) {}

  /** Invokes a function, perhaps with a fault of the plan. @throws the function's error, or LambdaFault */
  async invoke(handler: HandlerName, payload: unknown): Promise<unknown> {
    const { plan, log, clock } = this.world;
    const random = this.world.fates;
    const isHit = (kind: 'killed' | 'duplicate', share: number): boolean =>
      this.world.isChaos() && plan.kinds.has(kind) && random() < share;
    if (isHit('killed', 0.3)) {
      const request = 1 + Math.floor(random() ** 2 * MOST_REQUESTS);
      return this.#run(handler, payload, {
        request,
        when: pick(random, ['before', 'after']),
        error: pick(random, DEATHS),
      });
    }
    if (!isHit('duplicate', 0.25)) return this.#run(handler, payload, null);
    log.add('duplicate');
    switch (pick(random, ['lostResult', 'overlap', 'twice', 'throttled'] as const)) {
      case 'throttled':
        throw new LambdaFault('Lambda.TooManyRequestsException', 'Rate Exceeded.');
      case 'lostResult':
        await this.#run(handler, payload, null);
        throw new LambdaFault('Lambda.ServiceException', 'The result was lost.');
      case 'overlap': {
        this.#leave(this.#run(handler, payload, null));
        await clock.sleep(random() ** 2 * LONGEST_OVERLAP_MS);
        throw new LambdaFault('Lambda.ClientExecutionTimeoutException', 'The connection of the client was closed.');
      }
      case 'twice': {
        const first = this.#run(handler, payload, null);
        this.#leave(first);
        const second = clock.sleep(random() ** 2 * LONGEST_OVERLAP_MS).then(() => this.#run(handler, payload, null));
        this.#leave(second);
        return Promise.any([first, second]).catch(() => first);
      }
    }
  }

  /** Waits for every invocation that nobody waits for. */
  async settle(): Promise<void> {
    while (this.#left.size > 0) await Promise.all(this.#left);
  }

  #leave(invocation: Promise<unknown>): void {
    const left = invocation
      .catch(() => undefined)
      .finally(() => {
        this.#left.delete(left);
      });
    this.#left.add(left);
  }

  async #run(handler: HandlerName, payload: unknown, killPoint: KillPoint | null): Promise<unknown> {
    const { clock, log } = this.world;
    const life = new Life(clock, killPoint, () => {
      log.add('killed');
    });
    const container = this.#container(handler, life);
    const observed: ObservedInvocation = {
      handler,
      payload,
      startedAt: clock.now(),
      writes: [],
      result: null,
    };
    this.observed.push(observed);
    const services = this.#services(container, payload, observed);
    const work = handlers[handler](() => services)(payload, {
      getRemainingTimeInMillis: () => life.deadline - clock.now(),
      memoryLimitInMB: '1024',
    });
    try {
      const value = await Promise.race([work, life.ended]);
      observed.result = { kind: 'returned', value };
      return value;
    } catch (error: unknown) {
      if (!life.isDead) observed.result = { kind: 'threw', error };
      throw error;
    } finally {
      if (!life.isDead) this.#idle.set(handler, [...(this.#idle.get(handler) ?? []), container]);
    }
  }

  #services({ life, access, unstoredWork }: Container, payload: unknown, { writes }: ObservedInvocation): Services {
    const { world } = this;
    const { clock, bug } = world;
    const store = chaoticStore(world.store, world.storeState, life, (write) => {
      writes.push(write);
      if (write.key === objects.claim) world.claims.add(write);
    });
    return {
      store: bug.store?.(store, payload) ?? store,
      clock: {
        now: () => clock.now(),
        sleep: async (ms) => {
          await clock.sleep(ms);
          await life.alive();
        },
      },
      random: world.random,
      unstoredWork,
      access: bug.access?.(access) ?? access,
      executions: { isRunning: (id) => Promise.resolve(world.running.has(id)) },
      settings: world.settings,
      warn: () => undefined,
    };
  }

  #container(handler: HandlerName, life: Life): Container {
    const idle = this.#idle.get(handler)?.pop();
    if (idle !== undefined) {
      idle.life = life;
      return idle;
    }
    const { clock } = this.world;
    const holder: { container: Container | null } = { container: null };
    const current = (): Life => holder.container?.life ?? life;
    const sleeping = {
      now: () => clock.now(),
      sleep: async (ms: number) => {
        await clock.sleep(ms);
        await current().alive();
      },
    };
    const access = new SdkAccountAccess(this.world.accessSettings(current), sleeping);
    holder.container = { life, access, unstoredWork: new UnstoredWork() };
    return holder.container;
  }
}
