import type { FailedInvocation } from '../contract/account-objects.ts';
import type { InventoryAccountInput, InventoryAccountOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { iamReadsByState } from '../contract/permissions.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { accountCredentials } from '../inventory/account-credentials.ts';
import { inAccount, type OpenAccount, type SessionCalls } from '../inventory/account-session.ts';
import { unreadableEntries } from '../inventory/unreadable-entries.ts';
import { planBatches } from '../inventory/plan-batches.ts';
import { readAccountContext } from '../inventory/describe-principal.ts';
import { countedIfFailed, requestsOfNote } from '../objects/failed-invocations.ts';
import { writeInventoryOutput } from '../objects/inventory-output.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { CarriedParts } from '../reuse/carried-parts.ts';
import { writeInventory, type PlannedPrincipal } from '../reuse/write-inventory.ts';
import { assertClaimHeld } from '../run/claim.ts';

/**
 * Reads an account and plans its audit: writes the inventory, the worklist and the carried evidence, and divides the
 * worklist into batches. A fault of AWS is returned and not thrown: it makes the account FAILED. If the
 * invocation fails otherwise, its calls are stored in an object of their own.
 * @param onPlanned called for each principal
 * @throws RunSuperseded, StoreError
 */
export async function inventoryAccount(
  input: InventoryAccountInput,
  services: Services,
  invocation: Invocation,
  onPlanned?: (principal: PlannedPrincipal) => void,
): Promise<InventoryAccountOutput> {
  const { store, clock } = services;
  const startedAt = clock.now();
  await assertClaimHeld(store, input.runId);
  services.onProgress?.({ kind: 'accountStarted' });
  const actions = iamReadsByState['inventory-account'];
  let session: SessionCalls = { calls: {} };
  const failed = (): FailedInvocation => ({
    state: 'InventoryAccount',
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(clock.now()).toISOString(),
    ...session,
    use: invocationUse(invocation, clock.now() - startedAt, requestsOfNote),
  });
  const onEnd = (calls: SessionCalls): void => {
    session = calls;
  };
  return countedIfFailed(services, input, failed, async () => {
    const plan = (open: OpenAccount): ReturnType<typeof planAccount> => planAccount(input, open, services, onPlanned);
    const planned = await inAccount(input, actions, services, invocation, plan, { onEnd });
    const output: InventoryAccountOutput = {
      startedAt: new Date(startedAt).toISOString(),
      ...(planned.kind === 'done' ? planned.result : { principals: 0, batches: [], error: planned.cause }),
      ...session,
      // Storing the output writes one more object.
      use: invocationUse(invocation, clock.now() - startedAt, { puts: 1 }),
    };
    await writeInventoryOutput(store, input, output);
    return output;
  });
}

/** @throws AwsFault, StoreError */
async function planAccount(
  input: InventoryAccountInput,
  open: OpenAccount,
  services: Services,
  onPlanned?: (principal: PlannedPrincipal) => void,
): Promise<Pick<InventoryAccountOutput, 'principals' | 'batches' | 'credentials' | 'unreadable'>> {
  const { store, clock, settings } = services;
  const account = await readAccountContext(input, open, services);
  const credentials = accountCredentials(account.credentials, account.passwordPolicy, clock.now());
  const carriedParts = await CarriedParts.open(input, services);
  const written = await writeInventory(input, open, account, carriedParts, store, onPlanned);
  const { principals, parts, lineBytes } = written;
  await store.writeLines(objects.carried(input.runId, input.accountId), carriedParts.lines());
  services.onProgress?.({ kind: 'inventoried', parts });
  const batches = planBatches(
    { lineBytes },
    {
      principalsPerBatch: settings.principalsPerBatch,
      spreadMs: input.request.sliceMinutes * 60_000,
      windowMs: input.request.spreadOverMinutes * 60_000,
      // The planned start and not the actual one: an account that starts late catches up, and the run keeps its window.
      startAt: Date.parse(input.startAt),
    },
  );
  const unreadable = unreadableEntries([...account.unreadable, ...written.unreadable]);
  return { principals, batches, credentials, ...(unreadable.length === 0 ? {} : { unreadable }) };
}
