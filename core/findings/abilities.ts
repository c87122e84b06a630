import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import { catalogue } from '../evidence/catalogue/catalogue.ts';

/** What a principal can do, by the simulation's decision on one action. */
export type Ability =
  | {
      readonly kind: 'able';
      /** Null: on every resource. Otherwise the ARNs, with wildcards, on which it is allowed. */
      readonly resources: readonly string[] | null;
      /** Condition keys that the simulation could not know: empty where it is allowed whatever they are. */
      readonly conditions: readonly string[];
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

/** A denial that hangs on a key which the simulation lacked may be none: it is an ability on that condition. */
export function abilityBy({ decision, resources, missingContext }: Decision): Ability {
  if (decision === 'allowed') return { kind: 'able', resources: null, conditions: missingContext };
  const allowed = resources.flatMap((resource) => (resource.decision === 'allowed' ? [resource.arn] : []));
  if (allowed.length > 0) return { kind: 'able', resources: allowed, conditions: missingContext };
  if (missingContext.length > 0) return { kind: 'able', resources: null, conditions: missingContext };
  return { kind: 'unable' };
}

const catalogueActions = new Set(catalogue.map(({ action }) => action.toLowerCase()));

/** Changes what IAM grants: who may do all of them on everything can give itself everything. */
const grantingActions = catalogue.flatMap(({ action, categories }) =>
  action.startsWith('iam:') && categories.includes('privilegeEscalation') ? [action] : [],
);

/** Whether a principal may change IAM's policies without a limit or a condition, and so do everything. */
export const isAdministrator = (record: PrincipalRecord): boolean =>
  grantingActions.every((action) => {
    const ability = abilityOf(record, action);
    return ability.kind === 'able' && ability.resources === null && ability.conditions.length === 0;
  });

/** The catalogue's actions that a principal can do, as bits by their place in it. */
export interface Power {
  readonly everywhere: bigint;
  /** Everywhere or on some resources, conditions not looked at. */
  readonly somewhere: bigint;
}

export function powerOf(record: PrincipalRecord): Power {
  let everywhere = 0n;
  let somewhere = 0n;
  for (const [index, { action }] of catalogue.entries()) {
    const ability = abilityOf(record, action);
    if (ability.kind !== 'able' || ability.conditions.length > 0) continue;
    somewhere |= 1n << BigInt(index);
    if (ability.resources === null) everywhere |= 1n << BigInt(index);
  }
  return { everywhere, somewhere };
}

/** The catalogue's actions that `role` can do, or can do on more, and `principal` can't. */
export function gainsOf(role: Power, principal: Power): string[] {
  const gained = (role.somewhere & ~principal.somewhere) | (role.everywhere & ~principal.everywhere);
  return catalogue.flatMap(({ action }, index) => ((gained >> BigInt(index)) & 1n ? [action] : []));
}
