import type { PrincipalRecord } from '../contract/evidence.ts';
import type { MissingEvidence } from '../contract/run.ts';

/** At most this many reasons of an account are kept: those of the most principals. */
const MOST_REASONS = 5;

/** Counts why an account's principals lack evidence. */
export class MissingEvidenceCounter {
  readonly #reasons = new Map<string, MissingEvidence>();

  add({ status, problems }: PrincipalRecord): void {
    if (status === 'COMPLETE') return;
    const counted = new Set<string>();
    for (const { step, code, message } of problems) {
      const key = `${step} ${code}`;
      if (counted.has(key)) continue;
      counted.add(key);
      const earlier = this.#reasons.get(key);
      this.#reasons.set(key, { step, code, message, ...earlier, principals: (earlier?.principals ?? 0) + 1 });
    }
  }

  /** The reasons of the most principals first, each with the message of its first principal. */
  reasons(): MissingEvidence[] {
    return [...this.#reasons.values()].sort((a, b) => b.principals - a.principals).slice(0, MOST_REASONS);
  }
}
