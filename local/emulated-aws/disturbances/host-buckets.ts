import { TokenBucket, type BucketTraits, type Limit } from '../token-bucket.ts';

/** Several hosts that share one limit equally. Each has its own bucket, which holds at least one token. */
export class HostBuckets {
  readonly #buckets: readonly TokenBucket[];

  constructor(limit: Limit, hosts: number, now: number, { debt = 0, startsEmpty }: BucketTraits = {}) {
    const share = { rate: limit.rate / hosts, size: Math.max(1, limit.size / hosts) };
    const traits = { debt: debt / hosts, startsEmpty };
    this.#buckets = Array.from({ length: hosts }, () => new TokenBucket(share, now, traits));
  }

  /** @param position from 0 to 1: the position among the hosts of the one that gets the call */
  take(now: number, position: number): boolean {
    return this.#buckets[Math.floor(position * this.#buckets.length)]?.take(now) ?? false;
  }

  setRate(rate: number, now: number): void {
    for (const bucket of this.#buckets) bucket.setRate(rate / this.#buckets.length, now);
  }
}
