import * as v from 'valibot';
import { CarriedLine, InventoryLine } from '../contract/account-objects.ts';
import { PrincipalRecord } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import { readBatch } from '../evidence/worklist.ts';
import type { ObjectStore } from '../store.ts';
import { batchNumbers } from './batch-numbers.ts';

/** By ARN, the fingerprint under which an earlier run audited it. */
export async function auditedFingerprints(
  store: ObjectStore,
  runId: string,
  accountId: string,
): Promise<Map<string, string>> {
  const fingerprints = new Map<string, string>();
  const key = objects.inventory(runId, accountId);
  if (!(await store.exists(key))) return fingerprints;
  for await (const line of store.readLines(key)) {
    const principal = v.parse(InventoryLine, JSON.parse(line));
    fingerprints.set(principal.arn, principal.fingerprint);
  }
  return fingerprints;
}

/**
 * What an earlier run has finished about an account's principals: both parts COMPLETE. From its records, or, where
 * it was interrupted before it could write them, from its batches. Parts say from which run they come.
 */
export async function* finishedEvidence(
  store: ObjectStore,
  runId: string,
  accountId: string,
): AsyncGenerator<CarriedLine> {
  if (await store.exists(objects.principals(runId, accountId))) {
    for await (const line of store.readLines(objects.principals(runId, accountId))) {
      const record = v.parse(PrincipalRecord, JSON.parse(line));
      if (isComplete(record)) yield carriedFrom(runId, record);
    }
    return;
  }
  if (await store.exists(objects.carried(runId, accountId))) {
    for await (const line of store.readLines(objects.carried(runId, accountId))) {
      yield v.parse(CarriedLine, JSON.parse(line));
    }
  }
  for (const n of await batchNumbers(store, runId, accountId)) {
    for (const [arn, { lastAccessed, permissions }] of (await readBatch(store, runId, accountId, n)).parts) {
      if (lastAccessed === undefined || permissions === undefined) continue;
      const line = { arn, lastAccessed: lastAccessed.part, permissions: permissions.part };
      if (isComplete(line)) yield carriedFrom(runId, line);
    }
  }
}

const isComplete = ({ lastAccessed, permissions }: Omit<CarriedLine, 'arn'>): boolean =>
  lastAccessed.status === 'COMPLETE' && permissions.status === 'COMPLETE';

const carriedFrom = (runId: string, { arn, lastAccessed, permissions }: CarriedLine): CarriedLine => ({
  arn,
  lastAccessed: { ...lastAccessed, carriedFrom: lastAccessed.carriedFrom ?? runId },
  permissions: { ...permissions, carriedFrom: permissions.carriedFrom ?? runId },
});
