import type { Decision, PrincipalRecord } from '../../contract/evidence.ts';
import { catalogue, categoriesOf, worksAlone, type CatalogueAction } from '../../catalogue/catalogue.ts';

/** Whether a principal can perform one action, derived from the simulation's decision. */
export type Ability =
  | {
      readonly kind: 'able';
      /** ARNs, with wildcards, on which it is allowed; null: every resource. */
      readonly resources: readonly string[] | null;
      /** Condition keys whose values the simulation lacked; empty if it is allowed without conditions. */
      readonly conditions: readonly string[];
      /** The simulation denied it, and it may be denied whatever the values of those keys are. */
      readonly doubtful: boolean;
    }
  | { readonly kind: 'unable' }
  /** The action was not simulated. */
  | { readonly kind: 'unknown' };

/** By record, then by lower-case action. */
const decisionsByRecord = new WeakMap<PrincipalRecord, ReadonlyMap<string, Decision>>();

function decisionsOf(record: PrincipalRecord): ReadonlyMap<string, Decision> {
  const cached = decisionsByRecord.get(record);
  if (cached !== undefined) return cached;
  const decisions = new Map(record.permissions.decisions.map((one) => [one.action.toLowerCase(), one]));
  decisionsByRecord.set(record, decisions);
  return decisions;
}

/** Whether an SCP denies an action, for all or some values of the keys that the simulation lacked. */
export const isDeniedByOrganizations = (record: PrincipalRecord, action: string): boolean =>
  decisionsOf(record).get(action.toLowerCase())?.allowedByOrganizations === false;

/** @param action an action of the catalogue; any other is "unknown" */
export function abilityOf(record: PrincipalRecord, action: string): Ability {
  const decision = decisionsOf(record).get(action.toLowerCase());
  if (decision !== undefined) return abilityBy(decision);
  const isInCatalogue = catalogueActions.has(action.toLowerCase());
  return { kind: record.permissions.status === 'COMPLETE' && isInCatalogue ? 'unable' : 'unknown' };
}

/**
 * If the simulation lacked a condition key, a denied action may be allowed for some values of it. It counts as allowed
 * under that condition. The simulation does not say which statement uses the key: the Deny itself ("unless MFA"), or an
 * Allow next to a Deny, an SCP or a boundary that applies anyway.
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

/** The index of an action in the catalogue; null if the catalogue does not have it. */
export const catalogueIndex = (action: string): number | null => catalogueActions.get(action.toLowerCase()) ?? null;

const bitAt: readonly ActionBits[] = catalogue.map((_, index) => 1n << BigInt(index));

/** A set of the catalogue's actions: bit n is the action with index n. */
export type ActionBits = bigint;

export function bitsWhere(holds: (action: CatalogueAction) => boolean): ActionBits {
  let bits = 0n;
  for (const [index, one] of catalogue.entries()) if (holds(one)) bits |= bitAt[index] ?? 0n;
  return bits;
}

export const everyAction: ActionBits = bitsWhere(() => true);

export const actionsIn = (bits: ActionBits): string[] => actionsAt(bits, catalogueEntries);

/** Actions that change permissions first, then actions that return credentials, then the others. */
export const actionsBySensitivity = (bits: ActionBits): string[] => actionsAt(bits, bySensitivity);

interface CatalogueEntry {
  readonly action: string;
  readonly index: number;
}

const catalogueEntries: readonly CatalogueEntry[] = catalogue.map(({ action }, index) => ({ action, index }));
const sensitivityRank = ({ action }: CatalogueEntry): number => {
  const categories = categoriesOf(action);
  if (categories.includes('privilegeEscalation')) return 0;
  return categories.includes('credentialExposure') ? 1 : 2;
};
const bySensitivity: readonly CatalogueEntry[] = [...catalogueEntries].sort(
  (a, b) => sensitivityRank(a) - sensitivityRank(b),
);

function actionsAt(bits: ActionBits, entries: readonly CatalogueEntry[]): string[] {
  // The last binary digit belongs to the first action.
  const digits = bits.toString(2);
  const actions: string[] = [];
  for (const { action, index } of entries) if (digits[digits.length - 1 - index] === '1') actions.push(action);
  return actions;
}

/** Actions that change permissions without other actions. */
export const permissionChanges = bitsWhere(
  ({ action, categories }) => categories.includes('privilegeEscalation') && worksAlone(action),
);
/** Actions that return credentials of other principals without other actions. */
export const credentialReturns = bitsWhere(
  ({ action, categories }) => categories.includes('credentialExposure') && worksAlone(action),
);

/** IAM actions that change permissions. */
export const grantingActions: readonly string[] = actionsIn(
  bitsWhere(({ action, categories }) => action.startsWith('iam:') && categories.includes('privilegeEscalation')),
);

/**
 * A principal that is allowed all of these on every resource is an administrator: it can rewrite managed policies and
 * the policies of every role, its own included. Other IAM actions add nothing, and guardrails often deny some of them
 * (CreateLoginProfile, CreateServiceLinkedRole) to administrators too.
 */
export const administratorActions: readonly string[] = [
  'iam:AttachRolePolicy',
  'iam:CreatePolicyVersion',
  'iam:PutRolePolicy',
];
export const administratorBits = bitsWhere(({ action }) => administratorActions.includes(action));

/** Whether a principal can rewrite policies on every resource without conditions, so that it can get any permission. */
export const isAdministrator = (record: PrincipalRecord): boolean => grantsAnything(powerOf(record));

export const grantsAnything = ({ everywhere }: Power): boolean =>
  (everywhere & administratorBits) === administratorBits;

/** The catalogue's actions that a principal is allowed without conditions. */
export interface Power {
  /** On every resource. */
  readonly everywhere: ActionBits;
  /** On every resource or on some. */
  readonly somewhere: ActionBits;
}

/** What one can do with the permissions of both. */
export const united = (a: Power, b: Power): Power => ({
  everywhere: a.everywhere | b.everywhere,
  somewhere: a.somewhere | b.somewhere,
});

const powers = new WeakMap<PrincipalRecord, Power>();

export function powerOf(record: PrincipalRecord): Power {
  const cached = powers.get(record);
  if (cached !== undefined) return cached;
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

/** Actions that only its permissions boundary denies to a principal; null if the decisions show no boundary. */
export function withheldByBoundary({ permissions }: PrincipalRecord): ActionBits | null {
  let withheld: ActionBits | null = null;
  for (const { action, decision, allowedByBoundary, allowedByOrganizations } of permissions.decisions) {
    if (allowedByBoundary === null) continue;
    withheld ??= 0n;
    const index = catalogueActions.get(action.toLowerCase());
    if (index === undefined || allowedByBoundary || decision !== 'implicitDeny') continue;
    // Only actions that an Allow may match are simulated, so without the boundary it would likely be allowed.
    if (allowedByOrganizations !== false) withheld |= 1n << BigInt(index);
  }
  return withheld;
}

/** Actions that `role` is allowed and `principal` is not, or not on every resource. */
export const gainedBits = (role: Power, principal: Power): ActionBits =>
  (role.somewhere & ~principal.somewhere) | (role.everywhere & ~principal.everywhere);
