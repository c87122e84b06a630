import type { Random } from '../../core/ports/clock.ts';
import { lognormal } from '../../local/emulated-aws/latency.ts';
import { SharedBucket, type BystanderCounts, type Limit } from '../../local/emulated-aws/token-bucket.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

/** 5th and 95th percentile of the time to an answer, in milliseconds. */
const LATENCY_MS = [80, 300] as const;

export interface SimulationSettings {
  readonly limit: Limit;
  /** Share of the rate that another application, the bystander, requests. */
  readonly bystanderShare: number;
  /** When the rate is halved, in milliseconds. Null if it is never halved. */
  readonly halvedAtMs: number | null;
  readonly seed: number;
}

/** Named as in the SDK, because the SDK's retry strategies check the name. */
export class Throttling extends Error {
  override name = 'Throttling';
}

/** One bucket, the network and a bystander, in virtual time. */
export class Simulation {
  readonly clock = new VirtualClock(0, 0);
  readonly random: Random;
  sent = 0;
  throttled = 0;
  readonly #bucket: SharedBucket;
  readonly #latency: Random;
  #halved = false;

  constructor(readonly settings: SimulationSettings) {
    const { limit, bystanderShare, seed } = settings;
    this.random = seededRandom(seed);
    // Separate random numbers, so that those a strategy takes change neither the bystander nor the network.
    this.#latency = seededRandom(seed + 1_000_003);
    this.#bucket = new SharedBucket(limit, bystanderShare * limit.rate, seededRandom(seed + 2_000_003), 0);
  }

  /** @throws Throttling */
  readonly call = async (): Promise<void> => {
    this.sent += 1;
    const latency = lognormal(this.#latency, LATENCY_MS);
    await this.clock.sleep(latency / 2);
    const accepted = this.#take();
    await this.clock.sleep(latency / 2);
    if (accepted) return;
    this.throttled += 1;
    throw new Throttling('Rate exceeded');
  };

  bystanders(): BystanderCounts {
    return this.#bucket.bystanders(this.clock.now());
  }

  #take(): boolean {
    const { halvedAtMs, limit } = this.settings;
    const now = this.clock.now();
    if (halvedAtMs !== null && !this.#halved && now >= halvedAtMs) {
      this.#halved = true;
      this.#bucket.setRate(limit.rate / 2, halvedAtMs);
    }
    return this.#bucket.take(now);
  }
}
