import { FailedInvocations, type FailedInvocation } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { Services } from '../ports/services.ts';
import { PreconditionFailed, type ObjectStore } from '../ports/store.ts';
import { readObject, readValue, unlessDamaged } from '../ports/stored-objects.ts';
import { assertClaimHeld, RunSuperseded } from '../run/claim.ts';

interface AccountOfRun {
  readonly runId: string;
  readonly accountId: string;
}

/** Requests to the store that note a failed invocation: the claim and the object are read, and the object is written. */
export const requestsOfNote = { puts: 1, gets: 2 } as const;

type Counting = Pick<Services, 'store' | 'warn' | 'unstoredWork'>;

/**
 * Runs the work of an invocation. If it fails, its calls are stored in an object of their own, so that the account's
 * summary counts them although their results are lost.
 * @param failed what the invocation has done until now
 * @throws the error of `work`
 */
export async function countedIfFailed<Result>(
  services: Counting,
  account: AccountOfRun,
  failed: () => FailedInvocation,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await work();
    await storeFailed(services, account, []);
    return result;
  } catch (error: unknown) {
    // A run that lost the claim must not write anything.
    if (!(error instanceof RunSuperseded)) await storeFailed(services, account, callsOnly(failed()));
    throw error;
  }
}

/** An invocation that failed before its first call is not noted: often the store fails, and the note would fail too. */
const callsOnly = (failed: FailedInvocation): FailedInvocation[] =>
  Object.values(failed.calls).some(({ sent }) => sent > 0) ? [failed] : [];

/** Never throws: the error of the work itself is more important. What can't be stored stays in memory. */
async function storeFailed(
  { store, warn, unstoredWork }: Counting,
  account: AccountOfRun,
  added: readonly FailedInvocation[],
): Promise<void> {
  const { runId, accountId } = account;
  const failed = [...(unstoredWork?.of(runId, accountId) ?? []), ...added];
  if (failed.length === 0) return;
  try {
    await assertClaimHeld(store, runId);
    await append(store, account, failed).catch((error: unknown) => {
      // Two invocations failed at the same time.
      if (error instanceof PreconditionFailed) return append(store, account, failed);
      throw error;
    });
    unstoredWork?.keep(runId, accountId, []);
  } catch (error: unknown) {
    if (error instanceof RunSuperseded) return;
    unstoredWork?.keep(runId, accountId, failed);
    warn(`Account ${accountId}: the calls of a failed invocation could not be stored: ${String(error)}`);
  }
}

/** @throws StoreError, DamagedObject, PreconditionFailed */
async function append(
  store: ObjectStore,
  { runId, accountId }: AccountOfRun,
  failed: readonly FailedInvocation[],
): Promise<void> {
  const key = objects.failedInvocations(runId, accountId);
  const stored = await readObject(store, key, FailedInvocations);
  const known = stored?.value.invocations ?? [];
  const invocations = withoutCopies([...known, ...failed]);
  await store.write(
    key,
    `${JSON.stringify({ schemaVersion: 1, invocations } satisfies FailedInvocations)}\n`,
    stored === null ? { ifNoneMatch: '*' } : { ifMatch: stored.etag },
  );
}

/** The failed invocations of an account that called AWS. @throws StoreError */
export async function failedInvocations(
  { store, warn, unstoredWork }: Counting,
  { runId, accountId }: AccountOfRun,
): Promise<readonly FailedInvocation[]> {
  const stored = await unlessDamaged(
    () => readValue(store, objects.failedInvocations(runId, accountId), FailedInvocations),
    null,
    (damage) => {
      warn(`${damage.message} The calls of failed invocations are not counted.`, damage);
    },
  );
  return withoutCopies([...(stored?.invocations ?? []), ...(unstoredWork?.of(runId, accountId) ?? [])]);
}

/** A write whose answer was lost is repeated. */
const withoutCopies = (invocations: readonly FailedInvocation[]): FailedInvocation[] => [
  ...new Map(invocations.map((one) => [`${one.state} ${one.startedAt} ${one.endedAt}`, one])).values(),
];
