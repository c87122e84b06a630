import type { Random } from '../../core/ports/clock.ts';
import type { BystanderCall } from './cloudtrail/bystander-calls.ts';
import type { Disturbances } from './disturbances/disturbances.ts';
import { always } from './disturbances/step-schedule.ts';
import { SharedLimit, type BystanderCounts } from './shared-limit.ts';
import type { Limit } from './token-bucket.ts';

export interface LimitSettings {
  /** The token bucket of each IAM operation in each account. Null: no call is throttled. */
  readonly limit: Limit | null;
  /** Different buckets by operation, such as `iam:SimulatePrincipalPolicy`. */
  readonly limitOf?: Readonly<Record<string, Limit>>;
  /** The account whose bucket a role's calls use: the role's, or the one that assumed it (there are reports of both). */
  readonly charge?: 'member' | 'caller';
  /** Call rate of another application, as a share of each bucket's rate. */
  readonly bystanderShare?: number;
  /** Of every bucket. */
  readonly disturbances?: Disturbances;
}

/** The limits of all accounts, one for each operation. */
export class Limits {
  readonly #buckets = new Map<string, SharedLimit>();

  constructor(
    private readonly settings: LimitSettings,
    private readonly random: Random,
    private readonly onBystanderCall: (call: BystanderCall) => void = () => undefined,
  ) {}

  allows(session: { readonly accountId: string; readonly callerAccountId: string }, operation: string, now: number) {
    const limit = this.settings.limitOf?.[operation] ?? this.settings.limit;
    if (limit === null) return true;
    const chargedAccountId = this.settings.charge === 'caller' ? session.callerAccountId : session.accountId;
    const key = `${chargedAccountId} ${operation}`;
    const existing = this.#buckets.get(key);
    if (existing !== undefined) return existing.take(now);
    const random = { bystanders: this.random, calls: this.random };
    const bucket = new SharedLimit(limit, this.#disturbances(), random, now, (atMs, served) => {
      this.onBystanderCall({ accountId: chargedAccountId, operation, atMs, served });
    });
    this.#buckets.set(key, bucket);
    return bucket.take(now);
  }

  /** Simulates a changed limit of AWS: every bucket in use refills at another rate from `now` on. */
  setRate(rate: number, now: number): void {
    for (const bucket of this.#buckets.values()) bucket.setRate(rate, now);
  }

  #disturbances(): Disturbances {
    const { disturbances = {}, bystanderShare = 0 } = this.settings;
    const others = disturbances.bystanders ?? [];
    return bystanderShare > 0 ? { ...disturbances, bystanders: [always(bystanderShare), ...others] } : disturbances;
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
