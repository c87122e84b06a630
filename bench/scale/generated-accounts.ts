import { LruCache } from '../../core/streams/lru-cache.ts';
import type { AccountDirectory, EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { addAuditRole, generateAccount } from '../../local/emulated-aws/generate/account.ts';

const FIRST = 111_122_223_333;

export const accountIdOf = (n: number): string => String(FIRST + n);

export const HUB = accountIdOf(0);

export interface GeneratedAccountsSettings {
  readonly accounts: number;
  /** In each account, the audit's own role included. */
  readonly principals: number;
  readonly seed: number;
  /** Accounts that are kept in memory at most. */
  readonly kept: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Accounts that are made from their number whenever they are asked for: a thousand take the memory of a few. */
export class GeneratedAccounts implements AccountDirectory {
  readonly #recent: LruCache<EmulatedAccount>;

  constructor(private readonly settings: GeneratedAccountsSettings) {
    this.#recent = new LruCache(settings.kept);
  }

  get(accountId: string): EmulatedAccount | undefined {
    const n = Number(accountId) - FIRST;
    if (!Number.isInteger(n) || n < 0 || n >= this.settings.accounts) return undefined;
    return this.#recent.get(accountId, () => this.#make(n));
  }

  #make(n: number): EmulatedAccount {
    const { principals, seed, now } = this.settings;
    const users = Math.floor(principals * 0.3);
    const account = generateAccount({
      seed: seed + n,
      accountId: accountIdOf(n),
      users,
      roles: principals - users - 1,
      now,
    });
    addAuditRole(account, HUB, now);
    return account;
  }
}
