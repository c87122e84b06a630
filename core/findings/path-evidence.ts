import type { AccessPath, Hop } from '../access/graph/access-path.ts';
import { actionsOf } from '../access/ways/way.ts';
import type { Path } from '../contract/answers/path.ts';

/** The name of a trust policy among the grounds of a step. */
export const TRUST = 'trust policy';

/** A path as other programs read it: in a finding's `evidence.paths`, and in the answers of `can` and `path`. */
export function pathEvidence(path: AccessPath): Path {
  const { hops, gain, certainty, keys, doubts, targets } = path;
  const steps = hops.map(({ from, way, target, changes }) => ({
    from: from.arn,
    to: (target ?? from).arn,
    ...(changes === undefined ? {} : { changes: changes.arn }),
    by: decisiveAction({ from, way, target }),
    technique: way.path.id,
    actions: actionsOf(way),
    reference: way.path.reference,
    grounds: way.grounds,
  }));
  return {
    steps,
    to: steps.at(-1)?.to ?? '',
    gain,
    certainty,
    missing: [...keys, ...new Set(doubts)],
    targets: targets.arns,
    targetCount: targets.count,
    administrators: targets.administrators,
  };
}

/** The action of a step that the access depends on; `trust` if a trust policy alone lets the principal in. */
export function decisiveAction({ way }: Hop): string {
  const { actions, id } = way.path;
  if (id === 'sts-001') return way.grounds.every(({ policy }) => policy === TRUST) ? 'trust' : 'sts:AssumeRole';
  return actions.find((action) => action === 'iam:PassRole') ?? actions[0] ?? '';
}
