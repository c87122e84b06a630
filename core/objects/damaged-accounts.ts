import type { AccountSummary } from '../contract/run.ts';
import type { DamagedObject, Warn } from '../ports/store.ts';

/** Called with the reason why the rest of an object can't be read. */
export type OnDamage = (damage: DamagedObject) => void;

/** Collects the accounts whose objects can't be read to the end, and why. What was read before the damage counts. */
export class DamagedAccounts {
  readonly #reasons = new Map<string, string[]>();

  constructor(private readonly warn: Warn) {}

  readonly onDamageOf =
    (accountId: string): OnDamage =>
    (damage) => {
      const { message } = damage;
      this.#reasons.set(accountId, [...(this.#reasons.get(accountId) ?? []), message]);
      this.warn(`Account ${accountId}: ${message}`, damage);
    };

  /** All reasons so far. */
  readonly reasons = (): string[] => [...this.#reasons.values()].flat();

  /** The summaries, with the damage found so far: a damaged account is at most PARTIAL, and its error says why. */
  addTo(summaries: readonly AccountSummary[]): AccountSummary[] {
    return summaries.map((summary) => {
      const reasons = this.#reasons.get(summary.accountId);
      if (reasons === undefined) return summary;
      const error = summary.error ?? { code: 'Damaged', message: reasons.join(' · ') };
      return { ...summary, status: summary.status === 'FAILED' ? 'FAILED' : 'PARTIAL', error };
    });
  }
}
