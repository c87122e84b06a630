import type { PrincipalRecord } from '../../contract/evidence.ts';
import {
  everyAction,
  grantsAnything,
  powerOf,
  withheldByBoundary,
  type Ability,
  type ActionBits,
} from '../abilities/abilities.ts';
import type { AccountPrincipals } from './account-principals.ts';
import { covers, type Resources } from '../abilities/resource-coverage.ts';
import type { EscalationPath } from './escalation-path.ts';
import { powerKey, type Gain, type Reach, type Seeker } from './escalation-reach.ts';

/** What is not known of a path and would have to be so for it to lead anywhere. */
export type Doubt =
  | 'running'
  | 'whichRuns'
  | 'attached'
  | 'groups'
  | 'boundary'
  | 'targetBoundary'
  | 'identityCenter'
  /** An action of the path was denied, and may be so whatever the condition keys are that the simulation lacked. */
  | 'denied';

/** Where a path leads a principal. */
export interface Outcome {
  readonly gained: ActionBits;
  readonly administrator: boolean;
  /** Rights are rewritten, and may become any. */
  readonly anything: boolean;
  /** Null where it leads to nobody else. */
  readonly reach: Reach | null;
  readonly doubts: readonly Doubt[];
  /** Keys on which the targets' trust hangs, none where a Deny in it can't be told; null: on nothing. */
  readonly conditions: readonly string[] | null;
}

export type Able = Extract<Ability, { kind: 'able' }>;

/** One who may do all of a path's actions. */
export interface Walker {
  readonly record: PrincipalRecord;
  readonly seeker: Seeker;
  readonly principals: AccountPrincipals;
  /** By action as the path writes it. */
  readonly able: ReadonlyMap<string, Able>;
}

/** Nothing where the path leads nowhere in this account; more than one where some of it is less sure. */
export function outcomesOf(path: EscalationPath, walker: Walker): Outcome[] {
  const { seeker, principals, able } = walker;
  switch (path.kind) {
    case 'new-passrole': {
      const on = [resourcesOf(able, 'iam:PassRole')];
      const among = { who: 'rolesOfServices', services: path.passedTo, on } as const;
      return outcome(principals.targets.reach(among, 'own', null, seeker), 'own');
    }
    case 'existing-passrole': {
      const among = { who: 'rolesOfServices', services: path.passedTo, on: [] } as const;
      const isNarrow = path.actions.some((action) => resourcesOf(able, action) !== null);
      const doubts: Doubt[] = isNarrow ? ['running', 'whichRuns'] : ['running'];
      return outcome(principals.targets.reach(among, 'own', null, seeker), 'own', doubts);
    }
    case 'self-escalation':
      return onItself(path, walker);
    case 'principal-access':
      if (path.target === 'permissionSet') return onPermissionSets(principals, seeker);
      // Rewritten policies do not reach further than a boundary lets them.
      if (path.gain !== 'everything') return onOthers(path, walker, null, []);
      return [...onOthers(path, walker, false, []), ...onOthers(path, walker, true, ['targetBoundary'])];
  }
}

export function seekerOf(record: PrincipalRecord): Seeker {
  const power = powerOf(record);
  return { arn: record.arn, power, key: powerKey(power) };
}

const resourcesOf = (able: Walker['able'], action: string): Resources => able.get(action)?.resources ?? null;

function outcome(
  reach: Reach | null,
  gain: Gain,
  doubts: readonly Doubt[] = [],
  conditions: readonly string[] | null = null,
): Outcome[] {
  if (reach === null) return [];
  const anything = gain === 'everything';
  return [
    { gained: reach.gained, administrator: anything || reach.administrators > 0, anything, reach, doubts, conditions },
  ];
}

type OnItself = Extract<EscalationPath, { kind: 'self-escalation' }>;

function onItself({ changes, actions }: OnItself, { record, able }: Walker): Outcome[] {
  const lists = actions.map((action) => resourcesOf(able, action));
  const withheld = withheldByBoundary(record);
  const power = powerOf(record);
  const anything = (doubts: readonly Doubt[]): Outcome[] => [
    {
      gained: everyAction & ~power.everywhere,
      administrator: true,
      anything: true,
      reach: null,
      doubts: withheld === null ? doubts : [...doubts, 'boundary'],
      conditions: null,
    },
  ];
  const isItself = lists.every((list) => covers(list, record.arn));
  switch (changes) {
    case 'user':
    case 'role':
      return record.type === changes && isItself ? anything([]) : [];
    case 'group':
      return record.type === 'user' && lists.every((list) => mayName(list, 'group/', record))
        ? anything(['groups'])
        : [];
    case 'policy':
      if (!lists.every((list) => mayName(list, 'policy/', record))) return [];
      return anything(lists.every((list) => list === null) ? [] : ['attached']);
    case 'userBoundary':
    case 'roleBoundary': {
      if (`${record.type}Boundary` !== changes || !isItself || withheld === null || withheld === 0n) return [];
      const freed = { everywhere: power.everywhere | withheld, somewhere: power.somewhere | withheld };
      const administrator = grantsAnything(freed);
      return [{ gained: withheld, administrator, anything: false, reach: null, doubts: [], conditions: null }];
    }
  }
}

/** Whether one of the ARNs may name a thing of the account, of the kind that `prefix` tells. */
function mayName(resources: Resources, prefix: string, { accountId }: PrincipalRecord): boolean {
  if (resources === null) return true;
  return resources.some((pattern) => {
    const [, , , , account = '', ...resource] = pattern.split(':');
    const literal = /^[^*?]*/.exec(resource.join(':'))?.[0] ?? '';
    const isOwn = account === accountId || /[*?]/.test(account);
    const isOpen = literal.length < resource.join(':').length;
    return isOwn && (literal.startsWith(prefix) || (isOpen && prefix.startsWith(literal)));
  });
}

/** Sets are seen by the roles that they have become here; which account keeps them nobody says. */
function onPermissionSets(principals: AccountPrincipals, { power }: Seeker): Outcome[] {
  if (!principals.hasIdentityCenter) return [];
  const doubts = ['running', 'identityCenter', 'identityCenter'] as const;
  const gained = everyAction & ~power.everywhere;
  return [{ gained, administrator: true, anything: true, reach: null, doubts, conditions: null }];
}

type OnOthers = Extract<EscalationPath, { kind: 'principal-access' }>;

const ASSUME = 'sts:AssumeRole';
/** Their resource is a policy, which names nobody. */
const onPolicies = ['iam:CreatePolicyVersion'];

function onOthers(
  { actions, target, gain }: OnOthers,
  { record, seeker, principals, able }: Walker,
  bounded: boolean | null,
  doubts: readonly Doubt[],
): Outcome[] {
  const on = actions.filter((action) => !onPolicies.includes(action)).map((action) => resourcesOf(able, action));
  const all: readonly Doubt[] = actions.some((action) => onPolicies.includes(action))
    ? [...doubts, 'attached']
    : doubts;
  if (target === 'user') {
    const needsRoom = actions.includes('iam:CreateAccessKey') && !actions.includes('iam:DeleteAccessKey');
    const among = { who: needsRoom ? 'usersWithRoomForAKey' : 'users', on } as const;
    return outcome(principals.targets.reach(among, gain, bounded, seeker), gain, all);
  }
  if (!actions.includes(ASSUME)) {
    return outcome(principals.targets.reach({ who: 'roles', on }, gain, bounded, seeker), gain, all);
  }
  const { surely, perhaps, keys } = principals.targets.assumable(record, on, gain, bounded, seeker);
  return [...outcome(surely, gain, all), ...outcome(perhaps, gain, all, keys)];
}
