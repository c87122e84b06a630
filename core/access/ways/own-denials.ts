import type { Verdict } from '../../evaluation/permissions.ts';
import { allOf, keysOf } from '../../evaluation/truth.ts';
import type { HeldPolicy } from '../node.ts';
import { groupKeys, mayDo, resourceKeys, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { bestOnly } from './best-ways.ts';
import type { WayContext } from './way-context.ts';
import type { PermissionChange } from './permission-change.ts';
import type { Way } from './way.ts';

const LEAVE_GROUP = 'iam:RemoveUserFromGroup';

/** The ways in which policies are removed that deny the subject what its other policies allow. */
export function denialWays(change: PermissionChange, context: WayContext): Way[] {
  const { path, subject } = change;
  const { account } = context;
  if (path.changes !== 'groupDenials') {
    const own = subject.policies.identity.filter(({ group }) => group === null);
    return bestOnly(waysWithout(change, { arn: subject.arn, policies: own, isPrincipal: true }, context));
  }
  const ways = subject.groups.flatMap((name) => {
    const group = account.groups.get(name);
    if (group === undefined) return [];
    const policies = subject.policies.identity.filter((policy) => policy.group === name);
    return waysWithout(change, { arn: group.arn, policies, isPrincipal: false }, context);
  });
  return bestOnly(ways);
}

interface Holder {
  /** Of the principal or its group. */
  readonly arn: string;
  readonly policies: readonly HeldPolicy[];
  readonly isPrincipal: boolean;
}

/** The ways without one of a holder's policies, and without all of them. Leaving a group removes all its policies at once. */
function waysWithout(
  { path, action, caller, subject }: PermissionChange,
  { arn, policies, isPrincipal }: Holder,
  { account, power, changed }: WayContext,
): Way[] {
  const { identity } = subject.policies;
  const removing = (policy: HeldPolicy): Verdict => {
    const key: ExtraKeys = (name) =>
      name === 'iam:policyarn' && policy.kind === 'managed' && action !== LEAVE_GROUP ? [policy.ownName] : null;
    return mayDo(
      account,
      caller,
      action,
      arn,
      isPrincipal ? resourceKeys(subject, key) : groupKeys(subject.accountId, key),
    );
  };
  const removable = policies.flatMap((policy) => {
    if (action !== LEAVE_GROUP && policy.kind !== kindFor(action)) return [];
    const verdict = removing(policy);
    return verdict.truth === false || !account.evaluator.hasDenials([policy]) ? [] : [{ policy, verdict }];
  });
  const choices = action === LEAVE_GROUP ? [] : removable.map((one) => [one]);
  if (removable.length > choices.length || removable.length > 1) choices.push(removable);
  return choices.flatMap((choice): Way[] => {
    const removed = new Set(action === LEAVE_GROUP ? policies : choice.map(({ policy }) => policy));
    const kept = identity.filter((policy) => !removed.has(policy));
    const gain = power.withoutDenials(subject, [...removed], kept);
    const name = `without ${[...removed].map((policy) => policy.name).join(', ')}`;
    const after = changed.of(subject, name, gain, { policies: { identity: kept } });
    const keys = keysOf(allOf(choice.map(({ verdict }) => verdict.truth)));
    const grounds = uniqueGrounds(choice.flatMap(({ verdict }) => verdict.grounds));
    return [{ path, targets: [], gain, after, keys, doubts: [], grounds }];
  });
}

const kindFor = (action: string): HeldPolicy['kind'] => (action.startsWith('iam:Detach') ? 'managed' : 'inline');
