import * as v from 'valibot';
import { AccountId } from '../contract/execution-input.ts';
import { objects } from '../contract/objects.ts';
import type { Services } from '../ports/services.ts';
import { DamagedObject, PreconditionFailed } from '../ports/store.ts';
import { isOld, type PaceMemory } from './pace-memory.ts';

/** What an account has learned that had no memory of its own. */
const AccountPace = v.object({
  accountId: AccountId,
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** Calls per second, by operation. */
  rates: v.record(v.string(), v.pipe(v.number(), v.finite(), v.gtValue(0))),
  /** Milliseconds after which a report is usually ready. Null if no report was read. */
  reportReadyMs: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
});
type AccountPace = v.InferOutput<typeof AccountPace>;

/** `state/accounts/pace.json`: what the accounts have learned that were audited last for the first time. */
export const RecentPaces = v.object({ schemaVersion: v.literal(1), accounts: v.array(AccountPace) });

/** What an account without memory starts from. An operation that is missing starts without memory. */
export interface StartingPace {
  readonly rates: Readonly<Record<string, number>>;
  readonly reportReadyMs: number | null;
}

const nothingKnown: StartingPace = { rates: {}, reportReadyMs: null };

const KEPT_ACCOUNTS = 20;
/**
 * One account may differ from the others. Before this many accounts have ended, all start alike, so that their first calls show
 * whether they share a bucket (shared-bucket.ts).
 */
const LEAST_ACCOUNTS = 5;
/** If the quarter of the accounts with the lowest values and the one with the highest differ by more, they have no common value. */
const MOST_DIFFERENCE = 2;

/** @param now milliseconds since the epoch */
export function startingPaceOf(accounts: readonly AccountPace[], now: number): StartingPace {
  const recent = accounts.filter(({ at }) => !isOld(at, now));
  const operations = new Set(recent.flatMap(({ rates }) => Object.keys(rates)));
  const rates = [...operations].flatMap((operation) => {
    const rate = commonValue(recent.flatMap((account) => account.rates[operation] ?? []));
    return rate === null ? [] : [[operation, rate] as const];
  });
  const reportReadyMs = commonValue(recent.flatMap((account) => account.reportReadyMs ?? []));
  return { rates: Object.fromEntries(rates), reportReadyMs };
}

/** The median. Null if there are few values, or if they differ much. */
function commonValue(values: readonly number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return sorted.length >= LEAST_ACCOUNTS && at(0.75) <= MOST_DIFFERENCE * at(0.25) ? at(0.5) : null;
}

/** What an account without memory starts from. @throws StoreError */
export async function readStartingPace(services: Pick<Services, 'store' | 'warn' | 'clock'>): Promise<StartingPace> {
  const { accounts } = await readRecent(services);
  return accounts.length === 0 ? nothingKnown : startingPaceOf(accounts, services.clock.now());
}

/**
 * Stores what an account without memory has learned, for the accounts that start later. If another account stores its pace
 * at this moment, this one is left out, because a few accounts are enough.
 * @throws StoreError
 */
export async function recordAccountPace(
  services: Pick<Services, 'store' | 'warn' | 'clock'>,
  accountId: string,
  { operations, updatedAt, reportReadyMs }: PaceMemory,
): Promise<void> {
  const rates = Object.fromEntries(
    Object.entries(operations).flatMap(([operation, { learned }]) =>
      learned === null ? [] : [[operation, learned.perSecond] as const],
    ),
  );
  if (Object.keys(rates).length === 0) return;
  const { accounts, etag } = await readRecent(services);
  const account: AccountPace = { accountId, at: updatedAt, rates, reportReadyMs: reportReadyMs ?? null };
  const others = accounts.filter((other) => other.accountId !== accountId);
  const recent = { schemaVersion: 1 as const, accounts: [account, ...others].slice(0, KEPT_ACCOUNTS) };
  const condition = etag === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: etag };
  try {
    await services.store.write(objects.startingPace, `${JSON.stringify(recent, null, 2)}\n`, condition);
  } catch (error: unknown) {
    if (!(error instanceof PreconditionFailed)) throw error;
  }
}

async function readRecent({ store, warn }: Pick<Services, 'store' | 'warn'>): Promise<{
  readonly accounts: readonly AccountPace[];
  readonly etag: string | null;
}> {
  const stored = await store.read(objects.startingPace);
  if (stored === null) return { accounts: [], etag: null };
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), RecentPaces), stored.text);
  if (parsed.success) return { accounts: parsed.output.accounts, etag: stored.etag };
  const damage = new DamagedObject(objects.startingPace, parsed.issues[0].message);
  warn(`${objects.startingPace}: The stored paces are damaged and are ignored: ${parsed.issues[0].message}`, damage);
  return { accounts: [], etag: stored.etag };
}
