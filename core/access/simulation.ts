import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import { catalogueIndex, type ActionBits } from './abilities/abilities.ts';

/** What SimulatePrincipalPolicy rules out for a principal. */
export interface Simulation {
  /** Actions of the catalogue that are certainly not allowed on any resource. */
  readonly refused: ActionBits;
  /** Actions that an SCP denies: on every resource, unless the SCP names or excepts some. */
  readonly refusedByOrganizations: ActionBits;
}

/** The audit simulates at most this many resources for an action, so there may be more. */
const MOST_SIMULATED = 10;

export function simulationOf({ permissions }: PrincipalRecord): Simulation {
  const byIndex = new Map<number, Decision>();
  for (const decision of permissions.decisions) {
    const index = catalogueIndex(decision.action);
    if (index !== null) byIndex.set(index, decision);
  }
  let refused = permissions.status === 'COMPLETE' ? ~0n : 0n;
  let refusedByOrganizations = 0n;
  for (const [index, decision] of byIndex) {
    const bit = 1n << BigInt(index);
    refused = isRefused(decision) ? refused | bit : refused & ~bit;
    if (isRefusedByOrganizations(decision)) refusedByOrganizations |= bit;
  }
  return { refused, refusedByOrganizations };
}

/**
 * Without a missing condition key, an implicit deny applies to every resource that was simulated: `*` and what the
 * principal's own policies name. An explicit deny of `*` may except some resources. What an SCP or the boundary denies
 * does not show whether the principal's own policies allow it; the boundary may allow resources that only it names.
 */
function isRefused(simulated: Decision): boolean {
  const { decision, missingContext, resources, allowedByOrganizations, allowedByBoundary } = simulated;
  if (missingContext.length > 0 || decision === 'allowed') return false;
  if (allowedByOrganizations === false || allowedByBoundary === false) return false;
  if (decision === 'explicitDeny' || resources.length >= MOST_SIMULATED) return false;
  return resources.every((resource) => resource.decision !== 'allowed');
}

const isRefusedByOrganizations = ({ decision, missingContext, allowedByOrganizations }: Decision): boolean =>
  missingContext.length === 0 && decision !== 'allowed' && allowedByOrganizations === false;

/**
 * @param action `service:Action`
 * @param knowsServiceControl whether the SCPs are evaluated on each resource, so that their simulation adds nothing
 */
export function isRefusedBy(
  { refused, refusedByOrganizations }: Simulation,
  action: string,
  knowsServiceControl: boolean,
): boolean {
  const index = catalogueIndex(action);
  if (index === null) return false;
  const bits = knowsServiceControl ? refused : refused | refusedByOrganizations;
  return ((bits >> BigInt(index)) & 1n) === 1n;
}
