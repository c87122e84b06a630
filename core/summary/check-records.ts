import * as v from 'valibot';
import { Status } from '../contract/evidence.ts';
import { objects } from '../contract/objects.ts';
import type { FailureCause, PrincipalCounts } from '../contract/run.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readObjectLines } from '../ports/stored-objects.ts';

const Listed = v.object({ arn: v.string() });
const Stored = v.object({ arn: v.string(), status: Status });

/** Maximum number of ARNs in a message. */
const MOST_NAMED = 5;

interface Expected {
  readonly runId: string;
  readonly accountId: string;
  /** How many principals the inventory read. Null if the inventory did not finish. */
  readonly inventory: { readonly principals: number } | null;
  /** The numbers in the account's summary. */
  readonly counts: PrincipalCounts;
  /** ARNs that have evidence but are not in the inventory. */
  readonly unlisted: readonly string[];
}

/**
 * Reads the written records again and compares them with the inventory. Every principal must have exactly one record,
 * and the numbers of each status must be those of the summary. A missing record would look as if its principal did not
 * exist.
 * @returns one message with every difference; null if nothing differs
 */
export async function checkRecords(store: ObjectStore, expected: Expected): Promise<FailureCause | null> {
  const { runId, accountId, inventory, counts, unlisted } = expected;
  const missing = new Set<string>();
  let lines = 0;
  for await (const { arn } of readObjectLines(store, objects.inventory(runId, accountId), Listed)) {
    missing.add(arn);
    lines += 1;
  }
  const faults: string[] = [];
  if (inventory !== null && inventory.principals !== lines) {
    faults.push(`the inventory read ${inventory.principals} principals, but lists ${lines}`);
  }
  if (missing.size !== lines) faults.push(`duplicate lines in the inventory: ${lines - missing.size}`);

  const stored = { COMPLETE: 0, PARTIAL: 0, FAILED: 0 };
  const unexpected: string[] = [];
  for await (const { arn, status } of readObjectLines(store, objects.principals(runId, accountId), Stored)) {
    stored[status] += 1;
    if (!missing.delete(arn)) unexpected.push(arn);
  }
  if (missing.size > 0) faults.push(`principals without a record: ${missing.size} (${named([...missing])})`);
  if (unexpected.length > 0) {
    faults.push(
      `records that are duplicates or belong to no principal of the inventory: ${unexpected.length} (${named(unexpected)})`,
    );
  }
  if (unlisted.length > 0) {
    faults.push(`principals with evidence that are not in the inventory: ${unlisted.length} (${named(unlisted)})`);
  }
  const { COMPLETE, PARTIAL, FAILED } = stored;
  const summarised = [counts.total, counts.complete, counts.partial, counts.failed];
  const recorded = [COMPLETE + PARTIAL + FAILED, COMPLETE, PARTIAL, FAILED];
  if (summarised.join() !== recorded.join()) {
    faults.push(
      `the summary counts ${summarised.join(', ')} records (all, complete, partial, failed), but ${recorded.join(', ')} were written`,
    );
  }
  if (faults.length === 0) return null;
  return {
    code: 'RecordsMismatch',
    message: `The account’s records do not match its inventory or its summary: ${faults.join('; ')}.`,
  };
}

const named = (arns: readonly string[]): string =>
  [...arns.slice(0, MOST_NAMED), ...(arns.length > MOST_NAMED ? ['…'] : [])].join(', ');
