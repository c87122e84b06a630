import { LruCache } from '../../core/streams/lru-cache.ts';
import type { AccountDirectory, EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { addAuditRole, generateAccount } from '../../local/emulated-aws/generate/account.ts';

const FIRST = 111_122_223_333;

export const accountIdOf = (n: number): string => String(FIRST + n);

export const HUB = accountIdOf(0);

export interface GeneratedAccountsSettings {
  readonly accounts: number;
  /** Number in each account, including the audit's own role. */
  readonly principals: number;
  readonly seed: number;
  /** Maximum number of accounts in memory. */
  readonly kept: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Generates an account from its number each time it is read, so that a thousand accounts need the memory of a few. */
export class GeneratedAccounts implements AccountDirectory {
  readonly #recent: LruCache<EmulatedAccount>;

  constructor(private readonly settings: GeneratedAccountsSettings) {
    this.#recent = new LruCache(settings.kept);
  }

  get(accountId: string): EmulatedAccount | undefined {
    const n = Number(accountId) - FIRST;
    if (!Number.isInteger(n) || n < 0 || n >= this.settings.accounts) return undefined;
    return this.#recent.get(accountId, () => this.#generate(n));
  }

  #generate(n: number): EmulatedAccount {
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
