import type { ServiceControl } from '../contract/organization.ts';
import { policyTraits, type PolicyTraits } from '../policies/principal-independence.ts';
import { sha256Hex } from '../streams/sha256.ts';

/** Where no SCP applies: in the management account, and where the organization has not enabled them. */
export const noServiceControl: ServiceControl = {
  hash: 'none',
  independent: { user: true, role: true },
  timeless: true,
};

/** An SCP as far as it matters whether it changed. */
export interface AnalysedPolicy {
  readonly hash: string;
  readonly traits: Pick<PolicyTraits, 'independent' | 'timeless'>;
}

/** @param document JSON text */
export const analyse = async (document: string): Promise<AnalysedPolicy> => ({
  hash: await sha256Hex(document),
  traits: policyTraits(document),
});

/**
 * The SCPs of an account, level by level from the root to the account. Every level must allow, so that it matters on
 * which one a policy stands; within a level neither order nor repetition does.
 */
export async function serviceControl(levels: readonly (readonly AnalysedPolicy[])[]): Promise<ServiceControl> {
  const all = levels.flat();
  const hashes = levels.map((level) => [...new Set(level.map(({ hash }) => hash))].sort());
  return {
    hash: await sha256Hex(JSON.stringify(hashes)),
    independent: {
      user: all.every(({ traits }) => traits.independent.user),
      role: all.every(({ traits }) => traits.independent.role),
    },
    timeless: all.every(({ traits }) => traits.timeless),
  };
}
