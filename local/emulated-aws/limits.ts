import type { Random } from '../../core/ports/clock.ts';
import { SharedBucket, type BystanderCounts, type Limit } from './token-bucket.ts';

export interface LimitSettings {
  /** The token bucket of each IAM operation in each account. Null: no call is throttled. */
  readonly limit: Limit | null;
  /** Different buckets by operation, such as `iam:SimulatePrincipalPolicy`. */
  readonly limitOf?: Readonly<Record<string, Limit>>;
  /** The account whose bucket a role's calls use: the role's, or the one that assumed it (there are reports of both). */
  readonly charge?: 'member' | 'caller';
  /** Call rate of another application, as a share of each bucket's rate. */
  readonly bystanderShare?: number;
}

/** The token buckets of all accounts, one for each operation. */
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
    const existing = this.#buckets.get(key);
    if (existing !== undefined) return existing.take(now);
    const bucket = new SharedBucket(limit, (this.settings.bystanderShare ?? 0) * limit.rate, this.random, now);
    this.#buckets.set(key, bucket);
    return bucket.take(now);
  }

  /** Simulates a changed limit of AWS: every bucket in use refills at another rate from `now` on. */
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
