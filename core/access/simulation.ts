import type { Decision, PrincipalRecord } from '../contract/evidence.ts';
import { catalogueIndex, type ActionBits } from './abilities/abilities.ts';

/** What SimulatePrincipalPolicy rules out for a principal. */
export interface Simulation {
  /** Actions of the catalogue that are certainly not allowed on any resource. */
  readonly refused: ActionBits;
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
  for (const [index, decision] of byIndex) {
    const bit = 1n << BigInt(index);
    refused = isRefused(decision) ? refused | bit : refused & ~bit;
  }
  return { refused };
}

/**
 * Without a missing condition key, a denial by an SCP applies to every resource, and an implicit deny to every resource
 * that was simulated. An explicit deny of `*` may except some resources.
 */
function isRefused({ decision, missingContext, resources, allowedByOrganizations }: Decision): boolean {
  if (missingContext.length > 0 || decision === 'allowed') return false;
  if (allowedByOrganizations === false) return true;
  if (decision === 'explicitDeny' || resources.length >= MOST_SIMULATED) return false;
  return resources.every((resource) => resource.decision !== 'allowed');
}

/** @param action `service:Action` */
export function isRefusedBy({ refused }: Simulation, action: string): boolean {
  const index = catalogueIndex(action);
  return index !== null && ((refused >> BigInt(index)) & 1n) === 1n;
}
