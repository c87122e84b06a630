import type { Random } from '../../core/ports/clock.ts';
import { lognormal } from '../../local/emulated-aws/latency.ts';
import type { Disturbances } from '../../local/emulated-aws/disturbances/disturbances.ts';
import { SharedLimit, type BystanderCounts } from '../../local/emulated-aws/shared-limit.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

/** 5th and 95th percentile of the time to an answer, in milliseconds. */
const LATENCY_MS = [80, 300] as const;

export interface SimulationSettings {
  readonly limit: Limit;
  readonly disturbances: Disturbances;
  readonly seed: number;
  /** A run that takes longer is stopped at this time, in milliseconds. Default: it is never stopped. */
  readonly stopAtMs?: number;
}

/** Named as in the SDK, because the SDK's retry strategies check the name. */
export class Throttling extends Error {
  override name = 'Throttling';
}

/** The run took too long. */
class Stopped extends Error {}

/** One limit, the network and the bystanders, in virtual time. */
export class Simulation {
  readonly clock = new VirtualClock(0, 0);
  readonly random: Random;
  sent = 0;
  throttled = 0;
  /** The number of attempts of the call with the most attempts. */
  attempts = 0;
  readonly #limit: SharedLimit;
  readonly #latency: Random;
  readonly #onStop: ((reason: Error) => void)[] = [];

  constructor(readonly settings: SimulationSettings) {
    const { limit, disturbances, seed, stopAtMs } = settings;
    this.random = seededRandom(seed);
    // Separate random numbers, so that those a strategy takes change neither the bystander nor the network.
    this.#latency = seededRandom(seed + 1_000_003);
    const random = { bystanders: seededRandom(seed + 2_000_003), calls: seededRandom(seed + 3_000_017) };
    this.#limit = new SharedLimit(limit, disturbances, random, 0);
    if (stopAtMs !== undefined)
      void this.clock.sleep(stopAtMs).then(() => {
        this.#stop();
      });
  }

  /** Whether the run took too long. */
  get stopped(): boolean {
    return this.clock.now() >= (this.settings.stopAtMs ?? Number.POSITIVE_INFINITY);
  }

  /** Calls `stop` if the run takes too long. Calls that are sent after that fail. */
  onStop(stop: (reason: Error) => void): void {
    this.#onStop.push(stop);
  }

  /** One call. @returns sends one attempt of it @throws Throttling */
  newCall(): () => Promise<void> {
    let attempts = 0;
    return async () => {
      if (this.stopped) throw new Stopped('The run took too long.');
      attempts += 1;
      this.attempts = Math.max(this.attempts, attempts);
      await this.#attempt();
    };
  }

  async #attempt(): Promise<void> {
    this.sent += 1;
    const latency = lognormal(this.#latency, LATENCY_MS);
    await this.clock.sleep(latency / 2);
    const accepted = this.#limit.take(this.clock.now());
    const lateMs = accepted ? 0 : (this.settings.disturbances.lateMs ?? 0);
    await this.clock.sleep(latency / 2 + lateMs);
    if (accepted) return;
    this.throttled += 1;
    throw new Throttling('Rate exceeded');
  }

  bystanders(): BystanderCounts {
    return this.#limit.bystanders(this.clock.now());
  }

  #stop(): void {
    const reason = new Stopped('The run took too long.');
    for (const stop of this.#onStop) stop(reason);
  }
}
