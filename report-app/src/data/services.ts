import type { Report } from './model.ts';

/** How the principals of some accounts are allowed a service and use it. */
export interface ServiceUse {
  readonly namespace: string;
  readonly name: string;
  readonly allowed: number;
  readonly used: number;
  /** Used in the last 90 days. */
  readonly lately: number;
  /** Days since the last use; null if no principal used it. */
  readonly lastUsed: number | null;
  readonly accounts: number;
}

const LATELY_DAYS = 90;

/** Services by use. Principals without last-accessed data are not counted. @param accountId empty: all accounts */
export function servicesOf({ principals }: Report, accountId: string): readonly ServiceUse[] {
  interface Sum {
    name: string;
    allowed: number;
    used: number;
    lately: number;
    lastUsed: number | null;
    accounts: Set<number>;
  }
  const services = new Map<string, Sum>();
  const sumOf = (namespace: string, name: string): Sum => {
    const known = services.get(namespace);
    if (known !== undefined) return known;
    const sum: Sum = { name, allowed: 0, used: 0, lately: 0, lastUsed: null, accounts: new Set() };
    services.set(namespace, sum);
    return sum;
  };
  for (const { used, unused, account, lastAccessedStatus } of principals) {
    if (lastAccessedStatus !== 'COMPLETE' || (accountId !== '' && account.accountId !== accountId)) continue;
    for (const { namespace, name, daysAgo } of used) {
      const sum = sumOf(namespace, name);
      sum.allowed += 1;
      sum.used += 1;
      if (daysAgo <= LATELY_DAYS) sum.lately += 1;
      sum.lastUsed = sum.lastUsed === null ? daysAgo : Math.min(sum.lastUsed, daysAgo);
      sum.accounts.add(account.index);
    }
    for (const [namespace, name] of unused) {
      const sum = sumOf(namespace, name);
      sum.allowed += 1;
      sum.accounts.add(account.index);
    }
  }
  return [...services].map(([namespace, { accounts, ...sum }]) => ({ namespace, ...sum, accounts: accounts.size }));
}
