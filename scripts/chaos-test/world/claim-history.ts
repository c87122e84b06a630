import * as v from 'valibot';
import { Claim } from '../../../core/contract/account-objects.ts';
import type { ObservedWrite } from './chaotic-store.ts';

/** Which run held the claim, at each time. */
export class ClaimHistory {
  readonly #holders: { readonly at: number; readonly runId: string }[] = [];

  add({ at, text = '' }: ObservedWrite): void {
    this.#holders.push({ at, runId: v.parse(Claim, JSON.parse(text)).runId });
  }

  /** The run that held the claim, also if it has released it; null if none did. @param at milliseconds since the epoch */
  holder(at: number): string | null {
    return this.#holders.findLast((holder) => holder.at <= at)?.runId ?? null;
  }
}
