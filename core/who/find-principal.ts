import { allRecordsOf } from '../objects/stored-runs.ts';
import { objects } from '../contract/objects.ts';
import type { PrincipalRecord } from '../contract/evidence.ts';
import type { ObjectStore } from '../ports/store.ts';
import type { RunAccess } from './run-access.ts';

export type FoundPrincipal =
  | { readonly kind: 'found'; readonly record: PrincipalRecord }
  /** Several have the name. `arns`: some of them. */
  | { readonly kind: 'ambiguous'; readonly arns: readonly string[] }
  /** `names`: those of all principals that were searched. `unread`: the accounts whose records the run does not have. */
  | { readonly kind: 'unknown'; readonly names: ReadonlySet<string>; readonly unread: readonly string[] };

/**
 * A principal by its ARN, or by its name (also with its type: `role/deploy`) if only one has it.
 * @throws StoreError, DamagedObject
 */
export async function findPrincipal(store: ObjectStore, access: RunAccess, wanted: string): Promise<FoundPrincipal> {
  const found: PrincipalRecord[] = [];
  const names = new Set<string>();
  const unread: string[] = [];
  const accountId = /^arn:[^:]*:iam::(\d{12}):/.exec(wanted)?.[1];
  const accountIds = await access.accountIds();
  const { runId } = access.run;
  for (const id of accountIds) {
    if (accountId !== undefined && accountId !== id) continue;
    if (!(await store.exists(objects.principals(runId, id)))) {
      unread.push(id);
      continue;
    }
    for await (const record of allRecordsOf(store, access.run, id)) {
      names.add(record.name);
      if (isNamed(record, wanted)) found.push(record);
    }
  }
  const [first, second] = found;
  if (first === undefined) return { kind: 'unknown', names, unread };
  return second === undefined
    ? { kind: 'found', record: first }
    : { kind: 'ambiguous', arns: found.map(({ arn }) => arn) };
}

const isNamed = ({ arn, name, type, path }: PrincipalRecord, wanted: string): boolean =>
  wanted === arn || wanted === name || wanted === `${type}/${name}` || wanted === `${type}${path}${name}`;
