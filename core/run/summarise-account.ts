import * as v from 'valibot';
import { CarriedLine, InventoryLine } from '../contract/account-objects.ts';
import type { AccountCredentials, PrincipalRecord, Status } from '../contract/evidence.ts';
import {
  InventoryAccountOutput,
  type InvocationUse,
  type SummariseAccountInput,
  type SummariseAccountOutput,
} from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { AccountSummary, Consumption, FailureCause, PrincipalCounts, WorkByOperation } from '../contract/run.ts';
import { addWork } from '../call-ledger.ts';
import { interrupted } from '../evidence/interrupted.ts';
import { recordOf, wasDeleted } from '../evidence/record.ts';
import { readBatch, readWorklist, type BatchEnd, type FoundParts } from '../evidence/worklist.ts';
import type { Invocation, Services } from '../services.ts';
import type { ObjectStore } from '../store.ts';
import { emptyCounts, overallStatus } from './counts.ts';
import { batchNumbers } from './batch-numbers.ts';
import { checkRecords } from './check-records.ts';
import { holdsClaim } from './claim.ts';
import { useOf } from './invocation-use.ts';
import { accountTransitions } from './transitions.ts';

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
  await holdsClaim(store, given.runId);
  const input = { ...given, inventory: given.inventory ?? (await storedInventory(store, given)) };
  const tally = new Tally();
  const brokeOff = input.error ?? input.inventory?.error ?? null;
  // What is carried is written last: where it is, the inventory is whole.
  const hasInventory =
    input.inventory?.error === undefined && (await store.exists(objects.carried(input.runId, input.accountId)));
  let mismatch: FailureCause | null = null;
  if (hasInventory) {
    await store.writeLines(
      objects.principals(input.runId, input.accountId),
      records(input, store, tally, clock.now(), brokeOff ?? interrupted),
    );
    const inventoried = input.inventory?.principals ?? null;
    mismatch = await checkRecords(store, { ...given, inventoried, counts: tally.counts, unlisted: tally.unlisted });
  }
  const failure = mismatch ?? brokeOff;
  const credentials = input.inventory?.credentials ?? noCredentials();
  const isFailed = mismatch !== null || (brokeOff !== null && !hasInventory);
  const status = isFailed ? 'FAILED' : tally.status(credentials.problems.length > 0);
  const now = clock.now();
  const summary: AccountSummary = {
    schemaVersion: 1,
    runId: input.runId,
    accountId: input.accountId,
    status,
    startedAt: null,
    finishedAt: new Date(now).toISOString(),
    principals: tally.counts,
    ...credentials,
    calls: addWork([input.inventory?.calls ?? {}, ...tally.ends.map(({ calls }): WorkByOperation => calls)]),
    auditedAt: tally.ends.reduce<string | null>(
      (last, { endedAt = null }) => (last === null || (endedAt ?? '') > last ? endedAt : last),
      null,
    ),
    consumption: consumption(input, tally.ends, useOf(invocation, now - startedAt, { puts: 1 })),
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
  /** Principals of which evidence was found and that the inventory does not list. */
  readonly unlisted: string[] = [];
  readonly ends: BatchEnd[] = [];
  readonly #statuses = new Set<Status>();

  add(record: PrincipalRecord): void {
    this.counts.total += 1;
    if (record.status === 'COMPLETE') this.counts.complete += 1;
    else if (record.status === 'PARTIAL') this.counts.partial += 1;
    else this.counts.failed += 1;
    if (record.lastAccessed.carriedFrom !== null && record.permissions.carriedFrom !== null) {
      this.counts.carriedForward += 1;
    }
    if (!wasDeleted(record)) this.#statuses.add(record.status);
  }

  /** @param lacksRoot nothing is known of the account's root user */
  status(lacksRoot: boolean): Status {
    const status = overallStatus([...this.#statuses]);
    return status === 'COMPLETE' && lacksRoot ? 'PARTIAL' : status;
  }
}

/** Batch after batch, so that no more than one batch's evidence is in memory; then what was carried; then the rest. */
async function* records(
  input: SummariseAccountInput,
  store: ObjectStore,
  tally: Tally,
  now: number,
  missing: FailureCause,
): AsyncGenerator<string> {
  /** Null once it has its record. */
  const remaining = new Map<string, InventoryLine | null>();
  for await (const text of store.readLines(objects.inventory(input.runId, input.accountId))) {
    const line = v.parse(InventoryLine, JSON.parse(text));
    remaining.set(line.arn, line);
  }
  const record = (arn: string, found: FoundParts, reason: FailureCause): string[] => {
    const line = remaining.get(arn);
    if (line === undefined) tally.unlisted.push(arn);
    if (line === undefined || line === null) return [];
    remaining.set(arn, null);
    const made = recordOf(line, found, reason, now);
    tally.add(made);
    return [JSON.stringify(made)];
  };

  const ranges = new Map((input.inventory?.batches ?? []).map((batch) => [batch.n, batch]));
  const numbers = input.inventory === null ? await batchNumbers(store, input.runId, input.accountId) : ranges.keys();
  for (const n of numbers) {
    const found = await readBatch(store, input.runId, input.accountId, n);
    tally.ends.push(...found.ends);
    const reason = input.results.find((result) => result.n === n)?.error ?? missing;
    const range = ranges.get(n);
    // In the worklist's order; of a batch whose range was lost with its execution, in the order of the findings.
    const arns =
      range === undefined
        ? [...found.parts.keys()]
        : (await readWorklist(store, input.runId, input.accountId, range)).map(({ arn }) => arn);
    for (const arn of arns) yield* record(arn, found.parts.get(arn) ?? {}, reason);
  }
  for await (const text of store.readLines(objects.carried(input.runId, input.accountId))) {
    const { arn, lastAccessed, permissions } = v.parse(CarriedLine, JSON.parse(text));
    const parts = {
      lastAccessed: { part: lastAccessed, problems: [] },
      permissions: { part: permissions, problems: [] },
    };
    yield* record(arn, parts, missing);
  }
  for (const arn of [...remaining.keys()]) yield* record(arn, {}, missing);
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
