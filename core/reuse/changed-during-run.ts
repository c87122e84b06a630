import type { PartKind } from '../contract/account-objects.ts';
import { failedPermissions } from '../evidence/permissions.ts';
import type { FoundParts } from '../evidence/worklist.ts';
import type { ChangedPrincipals } from './recheck-account.ts';

const partKinds: readonly PartKind[] = ['lastAccessed', 'permissions'];

export interface RecheckedParts {
  readonly parts: FoundParts;
  /** Parts that no later run may carry over. */
  readonly uncarried: readonly PartKind[];
}

/**
 * Compares the parts that a run's batches found with the recheck of the account. If a principal's policies changed
 * during the run, it is not known which version the evidence belongs to. Such evidence counts today and is not carried.
 * @param changed null if the account could not be rechecked
 */
export function recheckedParts(
  changed: ChangedPrincipals | null,
  arn: string,
  found: FoundParts | undefined,
): RecheckedParts {
  if (found === undefined) return { parts: {}, uncarried: [] };
  const { permissions } = found;
  const uncarried = partKinds.filter(
    (kind) =>
      found[kind] !== undefined &&
      (changed?.has(arn) === true || (kind === 'permissions' && mayHaveChanged(changed, permissions?.sharedFrom))),
  );
  if (permissions?.sharedFrom === undefined || stillShare(changed, arn, permissions.sharedFrom)) {
    return { parts: found, uncarried };
  }
  const { asOf, ruledOut } = permissions.part;
  const message =
    `The decisions were taken from ${permissions.sharedFrom}, and the policies of that principal changed during the run. ` +
    'The next run simulates this principal again.';
  const failed = failedPermissions(Date.parse(asOf), ruledOut);
  const problems = [{ step: 'permissions' as const, code: 'Interrupted', message }];
  return { parts: { ...found, permissions: { part: failed, problems } }, uncarried };
}

/** @param sharedFrom ARN of the principal that was simulated for another; undefined if there is none */
const mayHaveChanged = (changed: ChangedPrincipals | null, sharedFrom: string | undefined): boolean =>
  sharedFrom !== undefined && (changed?.has(sharedFrom) ?? true);

/**
 * Whether a principal may still have the decisions of the one that was simulated. It may if both changed in the same
 * way, for example because a policy that is attached to both changed. A deleted principal does not change the evidence
 * of others.
 */
function stillShare(changed: ChangedPrincipals | null, arn: string, sharedFrom: string): boolean {
  const simulated = changed?.get(sharedFrom);
  if (simulated === undefined || simulated === 'gone') return true;
  const own = changed?.get(arn);
  return simulated.group !== null && own !== undefined && own !== 'gone' && own.group === simulated.group;
}
