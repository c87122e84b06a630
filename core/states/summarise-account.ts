import * as v from 'valibot';
import type { AccountCredentials, PrincipalRecord, Status } from '../contract/evidence.ts';
import {
  InventoryAccountOutput,
  type InvocationUse,
  type SummariseAccountInput,
  type SummariseAccountOutput,
} from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { AccountSummary, Consumption, FailureCause, PrincipalCounts, WorkByOperation } from '../contract/run.ts';
import { addWork } from '../ports/call-ledger.ts';
import { interrupted } from '../evidence/interrupted.ts';
import { wasDeleted } from '../evidence/record.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { lookAgain, notLooked } from '../reuse/recheck-account.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { ObjectStore } from '../ports/store.ts';
import { emptyCounts, overallStatus } from '../summary/counts.ts';
import { Steps } from '../summary/account-failure.ts';
import { writeFindings } from '../summary/account-findings.ts';
import { accountRecords } from '../summary/account-records.ts';
import { AskedParts } from '../reuse/changed-during-run.ts';
import { checkRecords } from '../summary/check-records.ts';
import { assertClaimHeld } from '../run/claim.ts';
import { invocationUse } from '../cost/invocation-use.ts';
import { saveEvidence } from '../reuse/stored-evidence.ts';
import { accountTransitions } from '../cost/transitions.ts';
import { writeRecommendations } from '../summary/write-recommendations.ts';

/**
 * Joins what an account's batches found with its inventory: every principal of it ends in exactly one record, what
 * is missing said in it.
 * @throws RunSuperseded, StoreError
 */
export async function summariseAccount(
  given: SummariseAccountInput,
  services: Services,
  invocation: Invocation,
): Promise<SummariseAccountOutput> {
  const { store, clock } = services;
  const startedAt = clock.now();
  await assertClaimHeld(store, given.runId);
  const input = { ...given, inventory: given.inventory ?? (await storedInventory(store, given)) };
  const brokeOff = input.error ?? input.inventory?.error ?? null;
  // What is carried is written last: where it is, the inventory is whole.
  const hasInventory =
    input.inventory?.error === undefined && (await store.exists(objects.carried(input.runId, input.accountId)));
  let mismatch: FailureCause | null = null;
  const steps = new Steps();
  // Without an answer of the inventory, this is no invocation for one account: who summarises the run looks at none again.
  const looked = hasInventory && given.inventory !== null ? await lookAgain(given, services, invocation) : notLooked;
  const tally = new Tally(new AskedParts(looked.changed));
  if (hasInventory) {
    await store.writeLines(
      objects.principals(input.runId, input.accountId),
      recordLines(accountRecords(input, store, tally, clock.now(), brokeOff ?? interrupted), tally, async () => {
        if (tally.asked.uncarried.size === 0) return;
        await store.writeLines(objects.uncarried(input.runId, input.accountId), tally.asked.lines());
      }),
    );
    const inventoried = input.inventory?.principals ?? null;
    mismatch = await checkRecords(store, { ...given, inventoried, counts: tally.counts, unlisted: tally.unlisted });
    if (mismatch === null) {
      await steps.attempt('The evidence for later runs', () =>
        saveEvidence(services, input.runId, input.accountId, tally.asked.uncarried),
      );
      await steps.attempt('Recommendations', () => writeRecommendations(store, input, services.settings, clock.now()));
    }
  }
  const credentials = input.inventory?.credentials ?? noCredentials();
  const hasRecords = hasInventory && mismatch === null;
  const findings = await steps.attempt('Findings', () =>
    writeFindings({ ...input, credentials, hasRecords }, services),
  );
  const failure = mismatch ?? brokeOff ?? steps.failure;
  if (steps.failure !== null) services.warn(`Account ${input.accountId}: ${steps.failure.message}`);
  const isFailed = mismatch !== null || (brokeOff !== null && !hasInventory);
  const isWhole = credentials.problems.length === 0 && steps.failure === null;
  const status = isFailed ? 'FAILED' : tally.status(isWhole);
  const now = clock.now();
  const summary: AccountSummary = {
    schemaVersion: 1,
    runId: input.runId,
    accountId: input.accountId,
    status,
    startedAt: null,
    finishedAt: new Date(now).toISOString(),
    principals: tally.counts,
    deleted: tally.deleted,
    ...credentials,
    calls: addWork([
      input.inventory?.calls ?? {},
      looked.calls,
      ...tally.ends.map(({ calls }): WorkByOperation => calls),
    ]),
    auditedAt: tally.ends.reduce<string | null>(
      (last, { endedAt = null }) => (last === null || (endedAt ?? '') > last ? endedAt : last),
      null,
    ),
    findings,
    consumption: consumption(input, tally.ends, invocationUse(invocation, now - startedAt, { puts: 1 })),
    ...(failure === null ? {} : { error: failure }),
  };
  await store.write(objects.account(input.runId, input.accountId), `${JSON.stringify(summary, null, 2)}\n`);
  return { accountId: input.accountId, status };
}

/** What an inventory answered whose execution broke off before it could tell; null where it never ended. */
async function storedInventory(
  store: ObjectStore,
  { runId, accountId }: SummariseAccountInput,
): Promise<InventoryAccountOutput | null> {
  const stored = await store.read(objects.inventoried(runId, accountId));
  return stored === null ? null : v.parse(InventoryAccountOutput, JSON.parse(stored.text));
}

const noCredentials = (): AccountCredentials => ({
  root: null,
  credentialReportAt: null,
  credentialReportAgeMinutes: null,
  problems: [],
});

class Tally {
  readonly counts: PrincipalCounts = emptyCounts();
  deleted = 0;
  /** Principals of which evidence was found and that the inventory does not list. */
  readonly unlisted: string[] = [];
  readonly ends: BatchEnd[] = [];
  readonly #statuses = new Set<Status>();

  constructor(readonly asked: AskedParts) {}

  add(record: PrincipalRecord): void {
    this.counts.total += 1;
    if (record.status === 'COMPLETE') this.counts.complete += 1;
    else if (record.status === 'PARTIAL') this.counts.partial += 1;
    else this.counts.failed += 1;
    if (record.lastAccessed.carriedFrom !== null && record.permissions.carriedFrom !== null) {
      this.counts.carriedForward += 1;
    }
    if (wasDeleted(record)) this.deleted += 1;
    else this.#statuses.add(record.status);
  }

  /** @param isWhole nothing but records may be missing: the account's root user is known, and all was written */
  status(isWhole: boolean): Status {
    const status = overallStatus([...this.#statuses]);
    return status === 'COMPLETE' && !isWhole ? 'PARTIAL' : status;
  }
}

/** @param beforeEnd done before the records' object appears: whoever reads it finds what belongs to it */
async function* recordLines(
  records: AsyncIterable<PrincipalRecord>,
  tally: Tally,
  beforeEnd: () => Promise<void>,
): AsyncGenerator<string> {
  for await (const record of records) {
    tally.add(record);
    yield JSON.stringify(record);
  }
  await beforeEnd();
}

function consumption(input: SummariseAccountInput, ends: readonly BatchEnd[], own: InvocationUse): Consumption {
  const uses = [own, ...ends.map(({ use }) => use), ...(input.inventory === null ? [] : [input.inventory.use])];
  const sum = (amount: (use: InvocationUse) => number): number => uses.reduce((total, use) => total + amount(use), 0);
  return {
    megabyteMs: sum(({ durationMs, memoryMegabytes }) => durationMs * memoryMegabytes),
    invocations: uses.length,
    transitions: accountTransitions(input.results),
    puts: sum(({ puts }) => puts),
    gets: sum(({ gets }) => gets),
  };
}
