import type { ServiceControl } from '../contract/organization.ts';
import { policyTraits, type PolicyTraits } from '../policies/principal-independence.ts';
import { sha256Hex } from '../streams/sha256.ts';

/** For accounts without SCPs: the management account, and all accounts if the organization has not enabled SCPs. */
export const noServiceControl: ServiceControl = {
  hash: 'none',
  independent: { user: true, role: true },
  timeless: true,
};

/** The data that shows whether a change of an SCP matters. */
export interface AnalysedPolicy {
  /** JSON text. */
  readonly document: string;
  readonly hash: string;
  readonly traits: Pick<PolicyTraits, 'independent' | 'timeless'>;
}

/** @param document JSON text */
export const analyse = async (document: string): Promise<AnalysedPolicy> => ({
  document,
  hash: await sha256Hex(document),
  traits: policyTraits(document),
});

/**
 * Combines the SCPs of an account, level by level from the root to the account. Every level must allow an action, so
 * the hash depends on the level of each policy. Within a level, it does not depend on order or repetition.
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
