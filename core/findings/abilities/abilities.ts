import type { Decision, PrincipalRecord } from '../../contract/evidence.ts';
import { catalogue, categoriesOf, type CatalogueAction } from '../../catalogue/catalogue.ts';

/** What a principal can do, by the simulation's decision on one action. */
export type Ability =
  | {
      readonly kind: 'able';
      /** Null: on every resource. Otherwise the ARNs, with wildcards, on which it is allowed. */
      readonly resources: readonly string[] | null;
      /** Condition keys that the simulation could not know: empty where it is allowed whatever they are. */
      readonly conditions: readonly string[];
      /** It was denied, and may be so whatever those keys are. */
      readonly doubtful: boolean;
    }
  | { readonly kind: 'unable' }
  /** Nobody could be asked. */
  | { readonly kind: 'unknown' };

/** By lower-case action. */
const decisionsByRecord = new WeakMap<PrincipalRecord, ReadonlyMap<string, Decision>>();

function decisionsOf(record: PrincipalRecord): ReadonlyMap<string, Decision> {
  const known = decisionsByRecord.get(record);
  if (known !== undefined) return known;
  const decisions = new Map(record.permissions.decisions.map((one) => [one.action.toLowerCase(), one]));
  decisionsByRecord.set(record, decisions);
  return decisions;
}

/** @param action one of the catalogue's; others are never known */
export function abilityOf(record: PrincipalRecord, action: string): Ability {
  const decision = decisionsOf(record).get(action.toLowerCase());
  if (decision !== undefined) return abilityBy(decision);
  const isAsked = catalogueActions.has(action.toLowerCase());
  return { kind: record.permissions.status === 'COMPLETE' && isAsked ? 'unable' : 'unknown' };
}

/**
 * A denial that hangs on a key which the simulation lacked may be none: it is an ability on that condition. Whose key
 * it is nobody tells: of the statement that denies ("unless MFA"), or of an Allow beside a Deny, an SCP or a boundary
 * that stands anyway.
 */
export function abilityBy(decision: Decision): Ability {
  const { resources, missingContext: conditions } = decision;
  if (decision.decision === 'allowed') return { kind: 'able', resources: null, conditions, doubtful: false };
  const allowed = resources.flatMap((resource) => (resource.decision === 'allowed' ? [resource.arn] : []));
  if (allowed.length > 0) return { kind: 'able', resources: allowed, conditions, doubtful: false };
  if (conditions.length === 0) return { kind: 'unable' };
  return { kind: 'able', resources: null, conditions, doubtful: isDeniedOutright(decision) };
}

const isDeniedOutright = ({ decision, allowedByOrganizations, allowedByBoundary }: Decision): boolean =>
  decision === 'explicitDeny' || allowedByOrganizations === false || allowedByBoundary === false;

const catalogueActions = new Map(catalogue.map(({ action }, index) => [action.toLowerCase(), index]));

/** Some of the catalogue's actions, as bits by their place in it. */
export type ActionBits = bigint;

export const bitsWhere = (holds: (action: CatalogueAction) => boolean): ActionBits =>
  catalogue.reduce((bits, one, index) => (holds(one) ? bits | (1n << BigInt(index)) : bits), 0n);

export const everyAction: ActionBits = bitsWhere(() => true);

export const actionsIn = (bits: ActionBits): string[] => chosen(bits, inOrder);

/** What changes rights first, then what hands out credentials. */
export const actionsByWorth = (bits: ActionBits): string[] => chosen(bits, byWorth);

interface Place {
  readonly action: string;
  readonly index: number;
}

const inOrder: readonly Place[] = catalogue.map(({ action }, index) => ({ action, index }));
const worth = ({ action }: Place): number => {
  const categories = categoriesOf(action);
  if (categories.includes('privilegeEscalation')) return 0;
  return categories.includes('credentialExposure') ? 1 : 2;
};
const byWorth: readonly Place[] = [...inOrder].sort((a, b) => worth(a) - worth(b));

function chosen(bits: ActionBits, places: readonly Place[]): string[] {
  // The last digit is the first action's.
  const digits = bits.toString(2);
  const actions: string[] = [];
  for (const { action, index } of places) if (digits[digits.length - 1 - index] === '1') actions.push(action);
  return actions;
}

/** What changes rights by itself. */
export const privileged = bitsWhere(({ categories }) => categories.includes('privilegeEscalation'));
/** What hands out credentials. */
export const exposing = bitsWhere(({ categories }) => categories.includes('credentialExposure'));

/** What changes what IAM grants. */
export const grantingActions: readonly string[] = actionsIn(
  bitsWhere(({ action, categories }) => action.startsWith('iam:') && categories.includes('privilegeEscalation')),
);

/**
 * What makes an administrator, where all of it is allowed everywhere: by it one rewrites the policies of every role and
 * the managed ones, its own among them, and so comes to everything. Other changes of IAM add nothing to that, and
 * guardrails often deny some of them (CreateLoginProfile, CreateServiceLinkedRole) to administrators as well.
 */
const administrating = ['iam:AttachRolePolicy', 'iam:CreatePolicyVersion', 'iam:PutRolePolicy'];
const administratingBits = bitsWhere(({ action }) => administrating.includes(action));

/** Whether a principal may rewrite policies without a limit or a condition, and so do everything. */
export const isAdministrator = (record: PrincipalRecord): boolean => grantsAnything(powerOf(record));

export const grantsAnything = ({ everywhere }: Power): boolean =>
  (everywhere & administratingBits) === administratingBits;

/** An administrator as long as conditions hold that the simulation could not know. */
export interface ConditionalAdministrator {
  /** Keys, sorted. */
  readonly conditions: readonly string[];
  /** Some of what makes it one was denied, and may be so whatever the keys are. */
  readonly doubtful: boolean;
}

/** Null where it is none, and where it is an administrator without conditions. */
export function conditionalAdministrator(record: PrincipalRecord): ConditionalAdministrator | null {
  const conditions = new Set<string>();
  let doubtful = false;
  for (const action of administrating) {
    const ability = abilityOf(record, action);
    if (ability.kind !== 'able' || ability.resources !== null) return null;
    for (const key of ability.conditions) conditions.add(key);
    doubtful ||= ability.doubtful;
  }
  return conditions.size === 0 ? null : { conditions: [...conditions].sort(), doubtful };
}

/** The catalogue's actions that a principal can do. */
export interface Power {
  readonly everywhere: ActionBits;
  /** Everywhere or on some resources. Actions that it can do under conditions only are in neither. */
  readonly somewhere: ActionBits;
}

const powers = new WeakMap<PrincipalRecord, Power>();

export function powerOf(record: PrincipalRecord): Power {
  const known = powers.get(record);
  if (known !== undefined) return known;
  let everywhere = 0n;
  let somewhere = 0n;
  for (const decision of record.permissions.decisions) {
    const index = catalogueActions.get(decision.action.toLowerCase());
    const ability = abilityBy(decision);
    if (index === undefined || ability.kind !== 'able' || ability.conditions.length > 0) continue;
    somewhere |= 1n << BigInt(index);
    if (ability.resources === null) everywhere |= 1n << BigInt(index);
  }
  const power = { everywhere, somewhere };
  powers.set(record, power);
  return power;
}

/** Actions that only a permissions boundary takes from a principal; null where none is seen. */
export function withheldByBoundary({ permissions }: PrincipalRecord): ActionBits | null {
  let withheld: ActionBits | null = null;
  for (const { action, decision, allowedByBoundary, allowedByOrganizations } of permissions.decisions) {
    if (allowedByBoundary === null) continue;
    withheld ??= 0n;
    const index = catalogueActions.get(action.toLowerCase());
    if (index === undefined || allowedByBoundary || decision !== 'implicitDeny') continue;
    // What was asked is what some Allow may match, so that without the boundary it would likely be allowed.
    if (allowedByOrganizations !== false) withheld |= 1n << BigInt(index);
  }
  return withheld;
}

/** What `role` can do, or can do on more, and `principal` can't. */
export const gainedBits = (role: Power, principal: Power): ActionBits =>
  (role.somewhere & ~principal.somewhere) | (role.everywhere & ~principal.everywhere);
