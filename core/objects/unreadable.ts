import type { AccountSummary } from '../contract/run.ts';

/** Accounts of which a run can't read what it has written: what was read until then stands, and that it ends is told. */
export class Unreadable {
  readonly #reasons = new Map<string, string[]>();

  constructor(private readonly warn: (message: string) => void) {}

  readonly of =
    (accountId: string) =>
    (reason: string): void => {
      this.#reasons.set(accountId, [...(this.#reasons.get(accountId) ?? []), reason]);
      this.warn(`Account ${accountId}: ${reason}`);
    };

  /** So far. */
  readonly reasons = (): string[] => [...this.#reasons.values()].flat();

  toldIn(summary: AccountSummary): AccountSummary {
    const reasons = this.#reasons.get(summary.accountId);
    if (reasons === undefined) return summary;
    const error = summary.error ?? { code: 'Damaged', message: reasons.join(' · ') };
    return { ...summary, status: summary.status === 'FAILED' ? 'FAILED' : 'PARTIAL', error };
  }
}
