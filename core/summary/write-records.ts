import type { PartKind, UncarriedLine } from '../contract/account-objects.ts';
import type { PrincipalRecord, Status } from '../contract/evidence.ts';
import type { SummariseAccountInput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { FailureCause, MissingEvidence, PrincipalCounts } from '../contract/run.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { wasDeleted } from '../evidence/record.ts';
import type { ObjectStore } from '../ports/store.ts';
import type { ChangedPrincipals } from '../reuse/recheck-account.ts';
import { joinRecords, type JoinedEntry } from './account-records.ts';
import { emptyCounts } from './counts.ts';
import { MissingEvidenceCounter } from '../objects/missing-evidence.ts';
import { StoppedByOrganization } from '../organization/stopped-by-organization.ts';

/** What is known after the records of an account have been written. */
export interface WrittenRecords {
  readonly counts: PrincipalCounts;
  /** How many principals were deleted during the run. */
  readonly deleted: number;
  /** Every status that a record has, without the records of deleted principals. */
  readonly statuses: readonly Status[];
  /** How the attempts of the account's batches ended. */
  readonly ends: readonly BatchEnd[];
  /** ARNs that have evidence and that the inventory does not list. */
  readonly unlisted: readonly string[];
  /** How many principals needed no call for a part. */
  readonly avoided: Readonly<Record<PartKind, number>>;
  readonly missingEvidence: MissingEvidence[];
  /** By action: principals that only the organization stops. */
  readonly stoppedByOrganization: Readonly<Record<string, number>>;
  /** By ARN: parts that no later run may carry over. */
  readonly uncarried: ReadonlyMap<string, readonly PartKind[]>;
}

/** For an account without an inventory. */
export const noRecords: WrittenRecords = {
  counts: emptyCounts(),
  deleted: 0,
  statuses: [],
  ends: [],
  unlisted: [],
  avoided: { lastAccessed: 0, permissions: 0 },
  missingEvidence: [],
  stoppedByOrganization: {},
  uncarried: new Map(),
};

/**
 * Writes `principals.jsonl` of an account, and `uncarried.jsonl` if parts must not be carried over.
 * @param changed null if the account could not be rechecked
 * @param now milliseconds since the epoch
 * @param missing why a part is missing, if its batch does not say
 */
export async function writeRecords(
  store: ObjectStore,
  input: SummariseAccountInput,
  changed: ChangedPrincipals | null,
  now: number,
  missing: FailureCause,
): Promise<WrittenRecords> {
  const { runId, accountId } = input;
  const counts = emptyCounts();
  let deleted = 0;
  const statuses = new Set<Status>();
  const ends: BatchEnd[] = [];
  const unlisted: string[] = [];
  const avoided = { lastAccessed: 0, permissions: 0 };
  const missingEvidence = new MissingEvidenceCounter();
  const stopped = new StoppedByOrganization();
  const uncarried = new Map<string, readonly PartKind[]>();

  const count = (record: PrincipalRecord): void => {
    countRecord(counts, record);
    stopped.add(record);
    missingEvidence.add(record);
    if (wasDeleted(record)) deleted += 1;
    else statuses.add(record.status);
  };
  const lines = async function* (entries: AsyncIterable<JoinedEntry>): AsyncGenerator<string> {
    for await (const entry of entries) {
      switch (entry.kind) {
        case 'record':
          count(entry.record);
          for (const part of entry.avoided) avoided[part] += 1;
          yield JSON.stringify(entry.record);
          break;
        case 'attemptEnd':
          ends.push(entry.end);
          break;
        case 'unlisted':
          unlisted.push(entry.arn);
          break;
        case 'uncarried':
          uncarried.set(entry.arn, entry.parts);
      }
    }
    // Written before principals.jsonl appears, because the two are read together.
    if (uncarried.size > 0) await store.writeLines(objects.uncarried(runId, accountId), uncarriedLines(uncarried));
  };
  await store.writeLines(objects.principals(runId, accountId), lines(joinRecords(input, store, changed, now, missing)));
  return {
    counts,
    deleted,
    statuses: [...statuses],
    ends,
    unlisted,
    avoided,
    missingEvidence: missingEvidence.reasons(),
    stoppedByOrganization: stopped.counts(),
    uncarried,
  };
}

function countRecord(counts: PrincipalCounts, { status, lastAccessed, permissions }: PrincipalRecord): void {
  counts.total += 1;
  if (status === 'COMPLETE') counts.complete += 1;
  else if (status === 'PARTIAL') counts.partial += 1;
  else counts.failed += 1;
  if (lastAccessed.carriedFrom !== null && permissions.carriedFrom !== null) counts.carriedForward += 1;
}

function* uncarriedLines(uncarried: WrittenRecords['uncarried']): Generator<string> {
  for (const [arn, parts] of uncarried) yield JSON.stringify({ arn, parts: [...parts] } satisfies UncarriedLine);
}
