import type { PrincipalNode } from '../core/access/node.ts';
import { objects } from '../core/contract/objects.ts';
import type { PrincipalRecord } from '../core/contract/evidence.ts';
import type { ObjectStore } from '../core/ports/store.ts';
import { findPrincipal } from '../core/who/find-principal.ts';
import type { RunAccess } from '../core/who/run-access.ts';
import { nearNames } from '../core/wording/near-names.ts';
import { say } from './output.ts';
import { shortened } from './table.ts';

/** The record of the principal that a command names. If there is none, prints a message and returns null. */
export async function foundRecord(
  store: ObjectStore,
  access: RunAccess,
  wanted: string,
): Promise<PrincipalRecord | null> {
  const found = await findPrincipal(store, access, wanted);
  switch (found.kind) {
    case 'found':
      return found.record;
    case 'ambiguous':
      say(`Several principals have the name ${wanted}: ${shortened(found.arns)}. Give the ARN of one.`);
      return null;
    case 'unknown': {
      const near = nearNames(wanted.split('/').at(-1) ?? wanted, found.names);
      const hint = near.length === 0 ? '' : ` Similar names: ${near.join(', ')}.`;
      for (const key of found.unread.map((id) => objects.principals(access.run.runId, id))) {
        say(`${key} is missing, so the principals of its account are not known.`);
      }
      say(`Run ${access.run.runId} has no principal ${wanted}.${hint} Give the ARN or the name of a user or role.`);
      return null;
    }
  }
}

/** Says that a run does not have these objects. */
export const absentPolicies = (keys: readonly string[]): string =>
  `${shortened(keys)} ${keys.length === 1 ? 'is' : 'are'} missing: an earlier version wrote the run, or the object was deleted.`;

/** The same in the access graph. */
export async function foundNode(store: ObjectStore, access: RunAccess, wanted: string): Promise<PrincipalNode | null> {
  const record = await foundRecord(store, access, wanted);
  if (record === null) return null;
  const node = await access.principal(record.arn);
  if (node === null) say(absentPolicies([objects.policies(access.run.runId, record.accountId)]));
  return node;
}
