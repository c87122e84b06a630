import pLimit from 'p-limit';
import type { Batch, InventoryAccountOutput, InvocationUse } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import { iamReadsByState } from '../contract/permissions.ts';
import type { CallsByOperation, Consumption } from '../contract/run.ts';
import { consumptionOfInvocations } from '../cost/invocation-use.ts';
import { accountTransitions } from '../cost/transitions.ts';
import { readAttemptEnd } from '../evidence/worklist.ts';
import { inAccount } from '../inventory/account-session.ts';
import { addCalls } from '../ports/calls/call-ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Services } from '../ports/services.ts';
import { CountedStore } from '../ports/store-requests.ts';
import { auditBatch } from '../states/audit-batch.ts';
import { invocationOf, invoke } from './plan.ts';

const PAGES = 'iam:GetAccountAuthorizationDetails';

/** An account whose work is written in the store. */
export interface RehearsedAccount {
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly startAt: number;
  readonly inventory: Pick<InventoryAccountOutput, 'calls' | 'use' | 'batches'>;
  readonly recommendations: number;
}

/** What an account needs. */
export interface AccountNeeds {
  readonly calls: CallsByOperation;
  readonly consumption: Consumption;
  readonly tookMs: number;
}

/**
 * Requests to S3 of SummariseAccount, without its recommendations: it writes the records, the evidence, the index of
 * recommendations, the findings and their base, and `account.json`. Counted in emulated runs.
 */
const SUMMARY = { puts: 8, gets: 31, getsOfBatch: 3 } as const;

/**
 * Does what the workflow does with the accounts of a run, with the code of AuditBatch. The services have a modelled access
 * and a virtual clock, so it takes no time and sends nothing.
 * @returns by account ID
 */
export async function rehearse(
  runId: string,
  accounts: readonly RehearsedAccount[],
  accountsAtOnce: number,
  services: Services,
  onEnded: (accountId: string) => void,
): Promise<ReadonlyMap<string, AccountNeeds>> {
  const limit = pLimit(accountsAtOnce);
  const needs = new Map<string, AccountNeeds>();
  await Promise.all(
    accounts.map((account) =>
      limit(async () => {
        needs.set(account.accountId, await rehearseAccount(runId, account, services));
        onEnded(account.accountId);
      }),
    ),
  );
  return needs;
}

async function rehearseAccount(
  runId: string,
  { accountId, startAt, inventory, recommendations }: RehearsedAccount,
  services: Services,
): Promise<AccountNeeds> {
  const { clock } = services;
  await until(startAt, clock);
  const startedAt = clock.now();
  await clock.sleep(inventory.use.durationMs);
  const uses: InvocationUse[] = [inventory.use];
  const calls: CallsByOperation[] = [inventory.calls];
  const results: { attempts: number }[] = [];
  for (const batch of inventory.batches) {
    const ends = await rehearseBatch(runId, accountId, batch, services);
    uses.push(...ends.map(({ use }) => use));
    calls.push(...ends.map((end) => end.calls));
    results.push({ attempts: ends.length });
  }
  const summarisedAt = clock.now();
  if (inventory.batches.length > 0) calls.push(await recheck(runId, accountId, inventory.calls, services));
  uses.push({
    durationMs: clock.now() - summarisedAt,
    memoryMegabytes: inventory.use.memoryMegabytes,
    puts: SUMMARY.puts + recommendations,
    gets: SUMMARY.gets + SUMMARY.getsOfBatch * results.length,
  });
  return {
    calls: addCalls(calls),
    consumption: consumptionOfInvocations(uses, accountTransitions(results)),
    tookMs: clock.now() - startedAt,
  };
}

/** Repeats AuditBatch until the batch is finished. @returns how its attempts ended */
async function rehearseBatch(runId: string, accountId: string, batch: Batch, services: Services) {
  const { clock, store } = services;
  await until(Date.parse(batch.slotAt), clock);
  const ends = [];
  let next = { attempt: 1, stalled: 0 };
  for (;;) {
    const output = await invoke(auditBatch, { runId, accountId, batch, ...next }, services);
    const end = await readAttemptEnd(store, objects.batch(runId, accountId, batch.n, next.attempt));
    if (end !== null) ends.push(end);
    if (output.status === 'FINISHED') return ends;
    next = output;
    await until(Date.parse(output.resumeAt), clock);
  }
}

/** The account is read once more after its batches, with as many pages as for its inventory. */
async function recheck(
  runId: string,
  accountId: string,
  inventoryCalls: CallsByOperation,
  services: Services,
): Promise<CallsByOperation> {
  const store = new CountedStore(services.store);
  const invocation = invocationOf({ store, clock: services.clock });
  const actions = iamReadsByState['summarise-account'];
  const session = await inAccount({ runId, accountId }, actions, services, invocation, async ({ iam, call, pace }) => {
    const pages = inventoryCalls[PAGES]?.succeeded ?? 0;
    for (let page = 0; page < pages; page += 1) {
      await call('GetAccountAuthorizationDetails', () => iam.authorizationPage(['User', 'Role'], null));
    }
    await pace.save();
  });
  return session.calls;
}

const until = (time: number, clock: Clock): Promise<void> => clock.sleep(Math.max(0, time - clock.now()));
