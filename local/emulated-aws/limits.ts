import type { Random } from '../../core/ports/clock.ts';
import { SharedBucket, type BystanderCounts, type Limit } from './token-bucket.ts';

export interface LimitSettings {
  /** The bucket of each IAM operation in each account; null: nothing is throttled. */
  readonly limit: Limit | null;
  /** Operations with a bucket of another size, such as `iam:SimulatePrincipalPolicy`. */
  readonly limitOf?: Readonly<Record<string, Limit>>;
  /** Which account pays for calls of an assumed role: its own, or the one that assumed it (both are reported of AWS). */
  readonly charge?: 'member' | 'caller';
  /** Share of every bucket's rate that another application asks for. */
  readonly bystanderShare?: number;
}

/** The token buckets of all accounts, one an operation. */
export class Limits {
  readonly #buckets = new Map<string, SharedBucket>();

  constructor(
    private readonly settings: LimitSettings,
    private readonly random: Random,
  ) {}

  allows(session: { readonly accountId: string; readonly callerAccountId: string }, operation: string, now: number) {
    const limit = this.settings.limitOf?.[operation] ?? this.settings.limit;
    if (limit === null) return true;
    const chargedAccountId = this.settings.charge === 'caller' ? session.callerAccountId : session.accountId;
    const key = `${chargedAccountId} ${operation}`;
    const known = this.#buckets.get(key);
    if (known !== undefined) return known.take(now);
    const bucket = new SharedBucket(limit, (this.settings.bystanderShare ?? 0) * limit.rate, this.random, now);
    this.#buckets.set(key, bucket);
    return bucket.take(now);
  }

  /** AWS changed its limits: every bucket that is in use refills at another rate from now on. */
  setRate(rate: number, now: number): void {
    for (const bucket of this.#buckets.values()) bucket.setRate(rate, now);
  }

  bystanders(now: number): BystanderCounts {
    const sum = { calls: 0, throttled: 0, throttledAlone: 0 };
    for (const bucket of this.#buckets.values()) {
      const counts = bucket.bystanders(now);
      sum.calls += counts.calls;
      sum.throttled += counts.throttled;
      sum.throttledAlone += counts.throttledAlone;
    }
    return sum;
  }
}
