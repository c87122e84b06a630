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
import { powerKey, type Gain, type Reach, type SourcePrincipal } from './escalation-reach.ts';

/** A fact that a path depends on and that the audit does not know. */
export type Doubt =
  | 'running'
  | 'whichRuns'
  | 'attached'
  | 'groups'
  | 'boundary'
  | 'targetBoundary'
  | 'identityCenter'
  /** The simulation denied an action of the path, and it may be denied whatever the missing condition keys are. */
  | 'denied';

/** What a principal gains with a path. */
export interface Outcome {
  readonly gained: ActionBits;
  readonly administrator: boolean;
  /** Policies are rewritten, so any permission can be gained. */
  readonly anything: boolean;
  /** Null if the path leads to no other principal. */
  readonly reach: Reach | null;
  readonly doubts: readonly Doubt[];
  /**
   * Condition keys that the targets' trust policies depend on; null if they depend on no condition. Empty if they
   * depend only on a Deny that could not be evaluated.
   */
  readonly conditions: readonly string[] | null;
}

export type Able = Extract<Ability, { kind: 'able' }>;

/** The principal at the start of a path, and its account. */
export interface SourceContext {
  readonly record: PrincipalRecord;
  readonly source: SourcePrincipal;
  readonly principals: AccountPrincipals;
  /** The path actions that it is allowed, by action as written in the path. */
  readonly able: ReadonlyMap<string, Able>;
}

/** Empty if the path has no target in this account. Several if some targets are less certain than others. */
export function outcomesOf(path: EscalationPath, sourceContext: SourceContext): Outcome[] {
  const { source, principals, able } = sourceContext;
  switch (path.kind) {
    case 'new-passrole': {
      const on = [resourcesOf(able, 'iam:PassRole')];
      const query = { kind: 'rolesOfServices', services: path.passedTo, on } as const;
      return outcome(principals.targets.reach(query, 'own', null, source), 'own');
    }
    case 'existing-passrole': {
      const query = { kind: 'rolesOfServices', services: path.passedTo, on: [] } as const;
      const isNarrow = path.actions.some((action) => resourcesOf(able, action) !== null);
      const doubts: Doubt[] = isNarrow ? ['running', 'whichRuns'] : ['running'];
      return outcome(principals.targets.reach(query, 'own', null, source), 'own', doubts);
    }
    case 'self-escalation':
      return outcomesOnItself(path, sourceContext);
    case 'principal-access':
      if (path.target === 'permissionSet') return outcomesOnPermissionSets(principals, source);
      // A target's permissions boundary also limits rewritten policies.
      if (path.gain !== 'everything') return outcomesOnOthers(path, sourceContext, null, []);
      return [
        ...outcomesOnOthers(path, sourceContext, false, []),
        ...outcomesOnOthers(path, sourceContext, true, ['targetBoundary']),
      ];
  }
}

export function sourceOf(record: PrincipalRecord): SourcePrincipal {
  const power = powerOf(record);
  return { arn: record.arn, power, key: powerKey(power) };
}

const resourcesOf = (able: SourceContext['able'], action: string): Resources => able.get(action)?.resources ?? null;

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

type SelfEscalation = Extract<EscalationPath, { kind: 'self-escalation' }>;

function outcomesOnItself({ changes, actions }: SelfEscalation, { record, able }: SourceContext): Outcome[] {
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
      return record.type === 'user' && lists.every((list) => mayMatchOwn(list, 'group/', record))
        ? anything(['groups'])
        : [];
    case 'policy':
      if (!lists.every((list) => mayMatchOwn(list, 'policy/', record))) return [];
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

/** Whether one of the ARNs may match a resource of the account whose path starts with `prefix`. */
function mayMatchOwn(resources: Resources, prefix: string, { accountId }: PrincipalRecord): boolean {
  if (resources === null) return true;
  return resources.some((pattern) => {
    const [, , , , account = '', ...resource] = pattern.split(':');
    const literal = /^[^*?]*/.exec(resource.join(':'))?.[0] ?? '';
    const isOwn = account === accountId || /[*?]/.test(account);
    const isOpen = literal.length < resource.join(':').length;
    return isOwn && (literal.startsWith(prefix) || (isOpen && prefix.startsWith(literal)));
  });
}

/**
 * Permission sets are visible only as the roles that Identity Center created. Which account manages them is unknown.
 */
function outcomesOnPermissionSets(principals: AccountPrincipals, { power }: SourcePrincipal): Outcome[] {
  if (!principals.hasIdentityCenter) return [];
  const doubts = ['running', 'identityCenter', 'identityCenter'] as const;
  const gained = everyAction & ~power.everywhere;
  return [{ gained, administrator: true, anything: true, reach: null, doubts, conditions: null }];
}

type PrincipalAccess = Extract<EscalationPath, { kind: 'principal-access' }>;

const ASSUME = 'sts:AssumeRole';
/** The resource of these actions is a policy, which names no principal. */
const policyActions = ['iam:CreatePolicyVersion'];

function outcomesOnOthers(
  { actions, target, gain }: PrincipalAccess,
  { record, source, principals, able }: SourceContext,
  bounded: boolean | null,
  doubts: readonly Doubt[],
): Outcome[] {
  const on = actions.filter((action) => !policyActions.includes(action)).map((action) => resourcesOf(able, action));
  const all: readonly Doubt[] = actions.some((action) => policyActions.includes(action))
    ? [...doubts, 'attached']
    : doubts;
  if (target === 'user') {
    const needsFreeKey = actions.includes('iam:CreateAccessKey') && !actions.includes('iam:DeleteAccessKey');
    const query = { kind: needsFreeKey ? 'usersBelowKeyLimit' : 'users', on } as const;
    return outcome(principals.targets.reach(query, gain, bounded, source), gain, all);
  }
  if (!actions.includes(ASSUME)) {
    return outcome(principals.targets.reach({ kind: 'roles', on }, gain, bounded, source), gain, all);
  }
  const { certain, conditional, keys } = principals.targets.assumable(record, on, gain, bounded, source);
  return [...outcome(certain, gain, all), ...outcome(conditional, gain, all, keys)];
}
