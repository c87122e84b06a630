import pLimit from 'p-limit';
import { AccountLine } from '../contract/account-objects.ts';
import type { BucketRate } from '../contract/answers/estimate.ts';
import type { ExecutionInput } from '../contract/execution-input.ts';
import type { InventoryAccountOutput, PlanRunOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { readRun } from '../objects/stored-runs.ts';
import { accountInOrganization } from '../organization/account-in-organization.ts';
import { noServiceControl } from '../organization/service-control.ts';
import { releaseClaim } from '../run/claim.ts';
import { STAGGER_MS } from '../run/start-times.ts';
import type { Invocation, Services } from '../ports/services.ts';
import { CountedStore } from '../ports/store-requests.ts';
import { readObjectLines } from '../ports/stored-objects.ts';
import { inventoryAccount } from '../states/inventory-account.ts';
import { planRun } from '../states/plan-run.ts';
import { assumed } from './assumptions.ts';
import { bucketRates } from './bucket-rates.ts';
import type { ModelledAccount } from './modelled-access.ts';
import type { OverlayStore } from './overlay-store.ts';
import { estimatedPrincipal, type EstimatedPrincipal } from './planned-work.ts';

/** Lambda's timeout. */
const TIMEOUT_MS = 900_000;

/** The plan of a run, as its first two states made it. */
export interface Plan {
  readonly run: RunSummary;
  readonly output: PlanRunOutput & { readonly request: NonNullable<PlanRunOutput['request']> };
  /** When the run was planned, milliseconds since the epoch, and how long that took. */
  readonly at: number;
  readonly tookMs: number;
  readonly accounts: readonly PlannedAccount[];
}

export interface PlannedAccount {
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly startAt: number;
  readonly inventory: InventoryAccountOutput;
  readonly principals: readonly EstimatedPrincipal[];
  readonly rates: readonly BucketRate[];
  readonly model: ModelledAccount;
}

/** The run would be refused, for example because its input is wrong. */
export class RunRefused extends Error {
  override name = 'RunRefused';
}

/** The data of an invocation that starts now. */
export function invocationOf({ store, clock }: { store: CountedStore; clock: Services['clock'] }): Invocation {
  const deadline = clock.now() + TIMEOUT_MS;
  return {
    remainingMs: () => deadline - clock.now(),
    memoryMegabytes: assumed.memoryMegabytes,
    storeRequests: () => store.requests,
  };
}

/** Calls a state as its handler does. */
export function invoke<Input, Output>(
  state: (input: Input, services: Services, invocation: Invocation) => Promise<Output>,
  input: Input,
  services: Services,
): Promise<Output> {
  const store = new CountedStore(services.store);
  return state(input, { ...services, store }, invocationOf({ store, clock: services.clock }));
}

/**
 * Plans a run with the code of its first two states: reads the organization and the inventory of each account, and decides
 * what AWS must be asked for. Writes only to `store`.
 * @param givenRate calls per second of each bucket; null if it is not given
 * @throws RunRefused, AwsFault, StoreError
 */
export async function plan(
  input: ExecutionInput,
  services: Services,
  store: OverlayStore,
  givenRate: number | null,
): Promise<Plan> {
  const at = services.clock.now();
  const startedAt = new Date(at).toISOString();
  const execution = { id: 'estimate', name: 'estimate', startedAt, enteredAt: startedAt };
  const output = await invoke(planRun, { execution, input }, services);
  const tookMs = services.clock.now() - at;
  const { request, runId, accountsAtOnce } = output;
  const run = await readRun(store, runId);
  if (output.decision !== 'AUDIT' || request === null || run === null) {
    throw new RunRefused(output.refusal?.message ?? 'The run would audit nothing.');
  }
  const lines: AccountLine[] = [];
  for await (const line of readObjectLines(store, output.accountsKey, AccountLine)) lines.push(line);
  const limit = pLimit(accountsAtOnce);
  const accounts = await Promise.all(
    lines.map((line, index) =>
      limit(async () => {
        if (index < accountsAtOnce) await services.clock.sleep(index * STAGGER_MS);
        return planAccount(line, { ...output, request }, services, store, givenRate);
      }),
    ),
  );
  // The rehearsals claim their runs.
  await releaseClaim(store, runId);
  return { run, output: { ...output, request }, at, tookMs, accounts };
}

async function planAccount(
  { accountId, resumeFrom, startAt = new Date(0).toISOString() }: AccountLine,
  { runId, request }: Plan['output'],
  services: Services,
  store: OverlayStore,
  givenRate: number | null,
): Promise<PlannedAccount> {
  const { rates, isShared, reportReadyMs } = await bucketRates(services, accountId, givenRate);
  const principals: EstimatedPrincipal[] = [];
  const now = services.clock.now();
  const inventory = await invoke(
    (input: Parameters<typeof inventoryAccount>[0], counted, invocation) =>
      inventoryAccount(input, counted, invocation, (principal) => {
        principals.push(estimatedPrincipal(principal, services.settings, now));
      }),
    { runId, accountId, resumeFrom, startAt, request },
    services,
  );
  // The rehearsal starts from the pace that is stored, as the run will.
  store.forget(objects.pace(accountId));
  const { serviceControl } = await accountInOrganization(store, runId, accountId);
  return {
    accountId,
    startAt: Date.parse(startAt),
    inventory,
    principals,
    rates,
    model: {
      rates: new Map(rates.map(({ operation, perSecond }) => [operation, perSecond])),
      isShared,
      reportMs: reportReadyMs === null ? assumed.reportMs : reportReadyMs * READY_BEFORE_READ,
      hasServiceControl: serviceControl !== null && serviceControl.hash !== noServiceControl.hash,
      assumesRole: (inventory.calls['sts:AssumeRole']?.sent ?? 0) > 0,
    },
  };
}

/** The learned delay is a little longer than AWS needs, so that nearly every report is ready at its first read. */
const READY_BEFORE_READ = 0.9;
