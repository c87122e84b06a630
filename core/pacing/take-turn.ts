import type { Services } from '../ports/services.ts';
import { PaceKeeper } from './pace-keeper.ts';

/**
 * Milliseconds between two reads of the turn. A read costs a twentieth of what the function costs in this time, and the bucket
 * is idle for half of it at each change of accounts.
 */
const CHECK_EVERY_MS = 500;

/** A Wait state ends after this share of the expected time: the turn may end earlier, and the bucket must not be idle. */
const OF_EXPECTED = 0.8;

/** What an account that waits for its turn does next. */
export type NextTurn =
  | { readonly kind: 'taken'; readonly pace: PaceKeeper }
  /** Try again at this time, in milliseconds since the epoch. Until then a Wait state costs less than this function. */
  | { readonly kind: 'later'; readonly resumeAt: number };

export interface TurnRequest {
  readonly runId: string;
  readonly accountId: string;
  /** The calls of each operation that the account will send. */
  readonly calls: Readonly<Record<string, number>>;
  readonly remainingMs: () => number;
  /** Milliseconds: a longer wait costs less as a Wait state. */
  readonly longestSleepMs: number;
  /** Milliseconds after which the account stops waiting in this invocation, if a turn takes longer than expected. */
  readonly giveUpAfterMs: number;
}

/**
 * Opens the pace of an account's batches. If accounts share a bucket, waits until no other account of the run uses it.
 * @throws StoreError
 */
export async function takeTurn(services: Services, request: TurnRequest): Promise<NextTurn> {
  const { clock } = services;
  const startedAt = clock.now();
  for (;;) {
    const { runId, accountId, calls } = request;
    const opened = await PaceKeeper.openForBatch(services, { runId, accountId }, calls, request.remainingMs());
    if (opened instanceof PaceKeeper) return { kind: 'taken', pace: opened };
    const now = clock.now();
    const end = opened === null ? now : Math.min(Date.parse(opened.expectedEnd), Date.parse(opened.until));
    if (end - now > request.longestSleepMs) return { kind: 'later', resumeAt: now + (end - now) * OF_EXPECTED };
    if (now - startedAt >= request.giveUpAfterMs) return { kind: 'later', resumeAt: now };
    await clock.sleep(CHECK_EVERY_MS);
  }
}
