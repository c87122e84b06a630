import { DAY_MS, type Random } from '../../../core/ports/clock.ts';
import type { RecordedCall } from './recorded-call.ts';
import { currentRecords, trailRecords, type TrailRecord } from './records.ts';

/** CloudTrail keeps management events for 90 days, without a trail. */
export const HISTORY_MS = 90 * DAY_MS;

/** An event of the history. Its number is its place among all events of the same account and Region. */
export interface HistoryEvent extends TrailRecord {
  readonly number: number;
}

/** CloudTrail's event history of all accounts and Regions. */
export class EventHistory {
  readonly #events = new Map<string, HistoryEvent[]>();
  readonly #unsorted = new Set<string>();

  /** @param random for the IDs of events */
  constructor(private readonly random: Random) {}

  /** Adds the events of a call. It can be the listener of the emulated AWS. */
  readonly add = (call: RecordedCall): void => {
    for (const record of trailRecords(call, currentRecords, this.random)) {
      const key = keyOf(record.accountId, record.region);
      const events = this.#events.get(key) ?? [];
      this.#events.set(key, events);
      events.push({ ...record, number: events.length });
      // The emulation learns the bystander's calls only at the next call of the audit.
      this.#unsorted.add(key);
    }
  };

  /** All events that an account has in a Region, newest first. */
  newestFirst(accountId: string, region: string): readonly HistoryEvent[] {
    const key = keyOf(accountId, region);
    const events = this.#events.get(key) ?? [];
    if (this.#unsorted.delete(key)) events.sort((a, b) => b.atMs - a.atMs || b.number - a.number);
    return events;
  }
}

const keyOf = (accountId: string, region: string): string => `${accountId} ${region}`;
