import type { Verdict } from '../../evaluation/permissions.ts';
import { allOf, keysOf } from '../../evaluation/truth.ts';
import type { HeldPolicy, PrincipalNode } from '../node.ts';
import type { EscalationPath } from '../paths/escalation-path.ts';
import { mayDo, resourceKeys, type ExtraKeys } from '../requests.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { bestOnly } from './best-ways.ts';
import type { WayContext } from './find-ways.ts';
import type { Way } from './way.ts';

type SelfEscalation = Extract<EscalationPath, { kind: 'self-escalation' }>;

const LEAVE_GROUP = 'iam:RemoveUserFromGroup';

/** The ways in which a principal removes policies that deny it what its other policies allow. */
export function denialWays(path: SelfEscalation, action: string, node: PrincipalNode, context: WayContext): Way[] {
  const { account } = context;
  if (path.changes !== 'groupDenials') {
    const own = node.policies.identity.filter(({ group }) => group === null);
    return bestOnly(waysWithout(path, action, node, { arn: node.arn, policies: own, isPrincipal: true }, context));
  }
  const ways = node.groups.flatMap((name) => {
    const group = account.groups.get(name);
    if (group === undefined) return [];
    const policies = node.policies.identity.filter((policy) => policy.group === name);
    return waysWithout(path, action, node, { arn: group.arn, policies, isPrincipal: false }, context);
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
  path: SelfEscalation,
  action: string,
  node: PrincipalNode,
  { arn, policies, isPrincipal }: Holder,
  context: WayContext,
): Way[] {
  const { account, power } = context;
  const { identity } = node.policies;
  const removing = (policy: HeldPolicy): Verdict => {
    const key: ExtraKeys = (name) =>
      name === 'iam:policyarn' && policy.kind === 'managed' && action !== LEAVE_GROUP ? [policy.ownName] : null;
    return mayDo(account, node, action, arn, isPrincipal ? resourceKeys(node, key) : key);
  };
  const removable = policies.flatMap((policy) => {
    if (action !== LEAVE_GROUP && policy.kind !== kindFor(action)) return [];
    const verdict = removing(policy);
    return verdict.truth === false || !power.deniesAnything(policy) ? [] : [{ policy, verdict }];
  });
  const choices = action === LEAVE_GROUP ? [] : removable.map((one) => [one]);
  if (removable.length > choices.length || removable.length > 1) choices.push(removable);
  return choices.flatMap((choice): Way[] => {
    const removed = new Set(action === LEAVE_GROUP ? policies : choice.map(({ policy }) => policy));
    const kept = identity.filter((policy) => !removed.has(policy));
    const gain = power.withoutDenials(node, [...removed], kept);
    if (gain.everywhere === 0n) return [];
    const keys = keysOf(allOf(choice.map(({ verdict }) => verdict.truth)));
    return [
      {
        path,
        targets: [],
        gain,
        keys,
        doubts: [],
        grounds: uniqueGrounds(choice.flatMap(({ verdict }) => verdict.grounds)),
      },
    ];
  });
}

const kindFor = (action: string): HeldPolicy['kind'] => (action.startsWith('iam:Detach') ? 'managed' : 'inline');
