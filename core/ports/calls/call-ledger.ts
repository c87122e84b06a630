import type { OperationCalls, CallsByOperation } from '../../contract/run.ts';
import type { CallTimeline } from '../../contract/calls/timeline.ts';
import { TimelineCounter } from './call-timeline.ts';

export type CallOutcome = 'succeeded' | 'throttled' | 'failed';

interface Entry {
  sent: number;
  succeeded: number;
  throttled: number;
  failed: number;
  firstSentAt: number;
  lastAnsweredAt: number;
}

/** Counts every request sent, by operation. Times are milliseconds since the epoch. */
export class CallLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #avoided = new Map<string, number>();
  readonly #timeline = new TimelineCounter();

  /**
   * @param attempts requests that the call needed; all except the last ended with a transient fault
   * @param outcome outcome of the last request
   */
  record(operation: string, attempts: number, outcome: CallOutcome, sentAt: number, answeredAt: number): void {
    const entry = this.#entries.get(operation) ?? {
      sent: 0,
      succeeded: 0,
      throttled: 0,
      failed: 0,
      firstSentAt: sentAt,
      lastAnsweredAt: answeredAt,
    };
    entry.sent += attempts;
    entry.failed += attempts - 1;
    entry[outcome] += 1;
    entry.firstSentAt = Math.min(entry.firstSentAt, sentAt);
    entry.lastAnsweredAt = Math.max(entry.lastAnsweredAt, answeredAt);
    this.#entries.set(operation, entry);
    this.#timeline.called(operation, sentAt, attempts, outcome === 'throttled' ? 1 : 0);
  }

  /** Counts a call that was not needed, because the result of an earlier one is still valid. */
  avoid(operation: string): void {
    this.#avoided.set(operation, (this.#avoided.get(operation) ?? 0) + 1);
  }

  /** Requests sent so far to one operation. */
  sent(operation: string): number {
    return this.#entries.get(operation)?.sent ?? 0;
  }

  /** When requests were sent. Null if there were none. */
  timeline(): CallTimeline | null {
    return this.#timeline.timeline();
  }

  /** @param waits milliseconds that each operation's calls waited for their pace */
  work(waits: ReadonlyMap<string, number> = new Map()): CallsByOperation {
    const work: CallsByOperation = {};
    for (const [operation, { firstSentAt, lastAnsweredAt, ...counts }] of this.#entries) {
      work[operation] = { ...counts, busyMs: lastAnsweredAt - firstSentAt, waitedMs: 0 };
    }
    for (const [operation, waitedMs] of waits) {
      if (waitedMs > 0) work[operation] = { ...(work[operation] ?? noCalls()), waitedMs };
    }
    for (const [operation, avoided] of this.#avoided) {
      work[operation] = { ...(work[operation] ?? noCalls()), avoided };
    }
    return work;
  }
}

export const noCalls = (): OperationCalls => ({
  sent: 0,
  succeeded: 0,
  throttled: 0,
  failed: 0,
  busyMs: 0,
  waitedMs: 0,
});

/** Adds up the calls of several sessions. */
export function addCalls(parts: Iterable<CallsByOperation>): CallsByOperation {
  const total: CallsByOperation = {};
  for (const part of parts) {
    for (const [operation, work] of Object.entries(part)) {
      const sum = (total[operation] ??= noCalls());
      sum.sent += work.sent;
      sum.succeeded += work.succeeded;
      sum.throttled += work.throttled;
      sum.failed += work.failed;
      sum.busyMs += work.busyMs;
      sum.waitedMs += work.waitedMs;
      if (work.avoided !== undefined) sum.avoided = (sum.avoided ?? 0) + work.avoided;
    }
  }
  return total;
}
