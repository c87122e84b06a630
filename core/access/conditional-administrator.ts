import type { PrincipalRecord } from '../contract/evidence.ts';
import { allOf, isUnknown, keysOf } from '../evaluation/truth.ts';
import { contentOf } from '../evaluation/policy-set.ts';
import { abilityOf, administratorActions, isAdministrator, isDeniedByOrganizations } from './abilities/abilities.ts';
import type { AccountAccess } from './account-access.ts';
import { mayDo, policiesOf } from './requests.ts';
import { everyPolicy } from '../evaluation/permissions.ts';

/** An administrator under conditions that are not known to hold. */
export interface ConditionalAdministrator {
  /** Condition keys, sorted. */
  readonly conditions: readonly string[];
  /** It may be denied whatever the values of the keys are: the policies that deny it are not known. */
  readonly doubtful: boolean;
}

/** Whether a principal is an administrator without conditions: by its decisions, or by keys that only the inventory knows. */
export const isCertainAdministrator = (record: PrincipalRecord, account: AccountAccess): boolean =>
  isAdministrator(record) || account.principal(record.arn)?.isAdministrator === true;

/**
 * Null if the principal is no administrator, or is one without conditions. The decisions of its permissions name the keys
 * that they lack. They do not tell whether a Deny depends on those keys ("unless MFA") or applies anyway, but the policies
 * do.
 */
export function conditionalAdministrator(
  record: PrincipalRecord,
  account: AccountAccess,
): ConditionalAdministrator | null {
  const byDecisions = byDecisionsAlone(record);
  const node = account.principal(record.arn);
  if (byDecisions === null || node === null) return byDecisions;
  if (node.isAdministrator) return null;
  const isBySomeScp = administratorActions.some((action) => isDeniedByOrganizations(record, action));
  if (isBySomeScp && account.facts.serviceControl === null) return byDecisions;
  const truth = allOf(administratorActions.map((action) => mayDo(account, node, action, '*').truth));
  if (truth === false) return null;
  const contents = new Set(everyPolicy(policiesOf(account, node)).map(({ name }) => contentOf(name)));
  if (keysOf(truth).some((key) => contents.has(key))) return byDecisions;
  return { conditions: isUnknown(truth) ? truth : byDecisions.conditions, doubtful: false };
}

function byDecisionsAlone(record: PrincipalRecord): ConditionalAdministrator | null {
  const conditions = new Set<string>();
  let doubtful = false;
  for (const action of administratorActions) {
    const ability = abilityOf(record, action);
    if (ability.kind !== 'able' || ability.resources !== null) return null;
    for (const key of ability.conditions) conditions.add(key);
    doubtful ||= ability.doubtful;
  }
  return conditions.size === 0 ? null : { conditions: [...conditions].sort(), doubtful };
}
