import type { ProposedPolicies, UnitUse } from '../../contract/organization-use/organization-use.ts';
import type { Organization } from '../../contract/organization.ts';
import { accountsWithoutPlace, unitsOf, type UnitWithAccounts } from '../use/entities.ts';
import { caveats, inactiveCaveat } from './caveats.ts';
import { charactersOf, denyPolicies, MAX_ATTACHED } from './deny-policies.ts';
import { isNeverProposed } from './never-proposed.ts';
import type { ServiceUse } from './service-use.ts';

/** Namespaces with other characters are not known to be valid in a policy, and are not proposed. */
const NAMESPACE = /^[a-z0-9][a-z0-9-]*$/;
/** A reason names at most this many accounts. */
const MOST_NAMED = 5;

export interface Proposal {
  readonly proposed: ProposedPolicies;
  readonly unit: UnitUse;
}

/**
 * Proposes service control policies for each root and unit with accounts below it: a Deny of the services that SCPs
 * allow there and that no principal below used. Services that are proposed at a unit above are not repeated.
 */
export function proposePolicies(runId: string, organization: Organization, use: ServiceUse): Proposal[] {
  const withoutPlace = accountsWithoutPlace(organization);
  const deniedAt = new Map<string, ReadonlySet<string>>();
  return unitsOf(organization).map((unit) => {
    const reason = missingAnswer(unit, use, withoutPlace);
    const deniedAbove = new Set(unit.above.flatMap((id) => [...(deniedAt.get(id) ?? [])]));
    const services = reason === null ? unusedServices(unit, use).filter((one) => !deniedAbove.has(one.namespace)) : [];
    deniedAt.set(unit.id, new Set(services.map(({ namespace }) => namespace)));
    return proposalOf(runId, unit, {
      services,
      reason,
      use,
      attached: organization.attachedPolicies?.[unit.id] ?? null,
    });
  });
}

/** Why it is not known which services are unused; null if it is known. */
function missingAnswer(unit: UnitWithAccounts, use: ServiceUse, withoutPlace: readonly string[]): string | null {
  if (!use.has(unit.id)) return 'There is no report of the unit.';
  const missing = unit.accounts.filter((id) => !use.has(id));
  if (missing.length > 0) return `There is no report of ${named(missing)} below the unit.`;
  if (withoutPlace.length === 0) return null;
  return `The unit of ${named(withoutPlace)} is not known, so it may be below this unit.`;
}

function named(accountIds: readonly string[]): string {
  const others = accountIds.length - MOST_NAMED;
  const shown = accountIds.slice(0, MOST_NAMED).join(', ');
  return `account${accountIds.length === 1 ? '' : 's'} ${shown}${others > 0 ? ` and ${others} more` : ''}`;
}

/** In alphabetical order. The reports of the unit and of every account below it must agree. */
function unusedServices({ id, accounts }: UnitWithAccounts, use: ServiceUse): ProposedPolicies['services'] {
  const used = new Set([id, ...accounts].flatMap((entity) => [...use.used(entity)]));
  return [...use.allowed(id)]
    .filter(([namespace]) => !used.has(namespace) && !isNeverProposed(namespace) && NAMESPACE.test(namespace))
    .map(([namespace, name]) => ({ namespace, name }))
    .sort((one, other) => (one.namespace < other.namespace ? -1 : 1));
}

interface Found {
  readonly services: ProposedPolicies['services'];
  readonly reason: string | null;
  readonly use: ServiceUse;
  readonly attached: number | null;
}

function proposalOf(runId: string, unit: UnitWithAccounts, { services, reason, use, attached }: Found): Proposal {
  const { id, name, place, accounts, inactive } = unit;
  const documents = denyPolicies(services.map(({ namespace }) => namespace));
  const policies = documents.map((document, n) => ({
    name: `deny-unused-${id}-${n + 1}`,
    characters: charactersOf(document),
    document,
  }));
  const because = reason ?? (policies.length === 0 ? NOTHING_UNUSED : null);
  const asOf = [id, ...accounts].flatMap((entity) => use.asOf(entity) ?? []).sort();
  const known = use.has(id);
  return {
    proposed: {
      schemaVersion: 1,
      runId,
      unit: { id, name, place },
      asOf: because === null ? (asOf[0] ?? null) : null,
      accounts: accounts.length,
      services,
      policies,
      attached,
      attachments: attachments(policies.length, attached),
      reason: because,
      caveats: [...caveats, ...inactiveCaveat(inactive)],
    },
    unit: {
      id,
      name,
      place,
      accounts: accounts.length,
      allowed: known ? use.allowed(id).size : null,
      used: known ? use.used(id).size : null,
      denied: services.length,
      policies: policies.length,
      reason: because,
    },
  };
}

const NOTHING_UNUSED =
  'Every service that may be proposed is used here, is denied here today, or is proposed at a unit above.';

/** What to do if the policies do not fit the free attachments of the unit; null if they fit. */
function attachments(policies: number, attached: number | null): string | null {
  if (policies === 0) return null;
  if (attached === null) {
    return `It is not known how many policies are attached to the unit. AWS allows ${MAX_ATTACHED}.`;
  }
  const free = Math.max(0, MAX_ATTACHED - attached);
  if (policies <= free) return null;
  return `The unit has ${free} free attachment${free === 1 ? '' : 's'}, and the proposal needs ${policies}: AWS allows ${MAX_ATTACHED} policies on a unit, and ${attached} ${attached === 1 ? 'is' : 'are'} attached. Combine policies that are attached, attach some of these policies to a unit above or below, or leave some of them out.`;
}
