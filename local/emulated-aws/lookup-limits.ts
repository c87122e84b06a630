import { TokenBucket, type Limit } from './token-bucket.ts';

/** AWS documents 2 requests a second, for each account and Region. */
const DOCUMENTED: Limit = { rate: 2, size: 2 };

/** The limits of CloudTrail's LookupEvents. No other application uses them. */
export class LookupLimits {
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(private readonly limit: Limit = DOCUMENTED) {}

  allows(accountId: string, region: string, now: number): boolean {
    const key = `${accountId} ${region}`;
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.limit, now);
    this.#buckets.set(key, bucket);
    return bucket.take(now);
  }
}
