import type { EmulatedAccount, EmulatedRole, EmulatedUser } from '../../../local/emulated-aws/account.ts';

/** The accounts at a time. */
export interface Version {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly accounts: ReadonlyMap<string, EmulatedAccount>;
}

/** What the emulated accounts were, at each time. */
export class Truth {
  readonly #versions: Version[] = [];

  constructor(
    private readonly accounts: readonly EmulatedAccount[],
    private readonly now: () => number,
  ) {
    this.record();
  }

  /** Call after each change of the accounts. */
  record(): void {
    const copies = this.accounts.map((account): [string, EmulatedAccount] => [
      account.accountId,
      structuredClone(account),
    ]);
    this.#versions.push({ from: this.now(), accounts: new Map(copies) });
  }

  /** The versions of an account in a time. Milliseconds since the epoch. */
  versions(accountId: string, from: number, to: number): EmulatedAccount[] {
    return this.#versions.flatMap((version, n) => {
      const until = this.#versions[n + 1]?.from ?? Number.POSITIVE_INFINITY;
      const account = version.accounts.get(accountId);
      return version.from <= to && until >= from && account !== undefined ? [account] : [];
    });
  }
}

export const principalsOf = (account: EmulatedAccount): (EmulatedUser | EmulatedRole)[] => [
  ...account.users.values(),
  ...account.roles.values(),
];
