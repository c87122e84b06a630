import { bitsWhere } from '../../access/abilities/abilities.ts';
import { emptyPrincipal, type PrincipalNode, type TextNumbers } from '../../access/node.ts';
import type { AccessGraph } from '../../access/graph/access-graph.ts';
import { certaintyRank, isAsCertain } from '../../access/ways/way.ts';
import { gainOf, gainRank } from '../../access/ways/gains.ts';
import type { Certainty, Gain } from '../../contract/answers/path.ts';
import type { OpenRoleLine, RoleGain } from '../../contract/across/open-roles.ts';
import { isOpenToOthers } from '../../evaluation/trust-truth.ts';
import { pathEvidence } from '../path-evidence.ts';

/** A role that principals of other accounts may assume. */
export interface OpenRole {
  /** Without policies: what the role leads to is in its gains. */
  readonly node: PrincipalNode;
  /** Grows while paths through several accounts are followed. */
  gains: readonly RoleGain[];
}

/** Other gains are not reported across accounts: most accounts have roles by which others read something. */
const countedGains: readonly Gain[] = ['administrator', 'permission changes', 'credentials'];

/** Whether the role's trust policy may let in principals of other accounts. */
export const mayLetInOthers = ({ trust, accountId }: PrincipalNode): boolean =>
  (trust ?? []).some((one) => isOpenToOthers(one, accountId));

/** The roles of an account whose trust policies may let in principals of other accounts. */
export function openRolesOf(graph: AccessGraph): OpenRoleLine[] {
  return graph.account.roles.flatMap((role): OpenRoleLine[] => {
    const { arn, tags, trust } = role;
    if (trust === null || !mayLetInOthers(role)) return [];
    const paths = graph.pathsFrom(arn).filter(({ gained }) => (gained & ~assumeRole) !== 0n);
    const gains = [...ownGains(role), ...paths.map((path) => ({ gain: path.gain, path: pathEvidence(path) }))];
    return [{ arn, tags, trust, gains: bestGains(gains) }];
  });
}

/** @param numbers the same for all roles that are compared */
export const openRole = ({ arn, tags, trust, gains }: OpenRoleLine, numbers: TextNumbers): OpenRole => ({
  node: {
    ...emptyPrincipal('role', arn, arn.split(':')[4] ?? ''),
    tags,
    trust,
    trustKey: String(numbers.numberOf(JSON.stringify(trust))),
  },
  gains,
});

/** What it gives is found by following it. */
const assumeRole = bitsWhere(({ action }) => action === 'sts:AssumeRole');

function ownGains({ power }: PrincipalNode): RoleGain[] {
  const gain = power === null ? null : gainOf(power, (power.everywhere | power.somewhere) & ~assumeRole);
  return gain === null ? [] : [{ gain, path: null }];
}

export const certaintyOfGain = ({ path }: RoleGain): Certainty => path?.certainty ?? 'certain';

/** For each gain the most certain and then the shortest path, unless as much is gained as certainly in another way. */
export function bestGains(gains: readonly RoleGain[]): RoleGain[] {
  const counted = gains.filter(({ gain }) => countedGains.includes(gain)).sort(byUse);
  const best: RoleGain[] = [];
  for (const one of counted) {
    if (!best.some((other) => isAsCertain(certaintyOfGain(other), certaintyOfGain(one)))) best.push(one);
  }
  return best;
}

const byUse = (a: RoleGain, b: RoleGain): number =>
  gainRank(a.gain) - gainRank(b.gain) ||
  certaintyRank(certaintyOfGain(a)) - certaintyRank(certaintyOfGain(b)) ||
  stepsOf(a) - stepsOf(b);

const stepsOf = ({ path }: RoleGain): number => path?.steps.length ?? 0;
