import type { Random } from '../../core/clock.ts';
import { ContendedBucket, type BystanderCounters, type Limit } from './contended-bucket.ts';
import type { Session } from './sessions.ts';

export interface ThrottleSettings {
  /** The bucket of each IAM operation in each account; null: nothing is throttled. */
  readonly limit: Limit | null;
  /** Other buckets, by operation, such as `iam:SimulatePrincipalPolicy`. STS has only those that are named here. */
  readonly limits?: Readonly<Record<string, Limit | null>>;
  /**
   * Whose bucket a call with an assumed role takes from: the audited account's (default), or that of the account
   * that assumed the role, so that all accounts share their hub's. AWS's own word on it is contradictory.
   */
  readonly chargedTo?: 'account' | 'assumingAccount';
}

/** A token bucket for each account and operation, made when it is first used. */
export class Throttles {
  readonly #buckets = new Map<string, ContendedBucket>();

  constructor(
    private readonly settings: ThrottleSettings,
    private readonly random: Random,
  ) {}

  /** @returns whether the call finds a token. STS is charged to the caller's account. */
  allows(session: Session, operation: string, now: number): boolean {
    const shared = this.settings.chargedTo === 'assumingAccount' && !operation.startsWith('sts:');
    return this.#bucket(shared ? session.assumedFrom : session.accountId, operation, now)?.take(now) ?? true;
  }

  /** @throws Error where the operation has no limit to change */
  setRate(accountId: string, operation: string, rate: number, now: number): void {
    const bucket = this.#bucket(accountId, operation, now);
    if (bucket === null) throw new Error(`${operation} has no limit in account ${accountId} that could be changed.`);
    bucket.setRate(rate, now);
  }

  /** By `account operation`, of the buckets in use. */
  bystanders(now: number): Map<string, Readonly<BystanderCounters>> {
    return new Map([...this.#buckets].map(([key, bucket]) => [key, bucket.bystanders(now)]));
  }

  #bucket(accountId: string, operation: string, now: number): ContendedBucket | null {
    const key = `${accountId} ${operation}`;
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    const named = this.settings.limits?.[operation];
    const limit = named === undefined && operation.startsWith('iam:') ? this.settings.limit : (named ?? null);
    if (limit === null) return null;
    const bucket = new ContendedBucket(limit, this.random, now);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
