import type { Certainty, Gain } from '../../contract/answers/path.ts';
import type { Ground } from '../../contract/answers/permission.ts';
import type { PrincipalNode } from '../node.ts';
import { uniqueGrounds } from '../target-groups.ts';
import { certaintyOf, type Doubt, type Way } from '../ways/way.ts';
import type { ActionBits } from '../abilities/abilities.ts';

/** One hop: a way, and the target that is taken. Null: the principal itself, or one that it creates. */
export interface Hop {
  readonly from: PrincipalNode;
  readonly way: Way;
  readonly target: PrincipalNode | null;
  /** The principal that `from` changes, without acting as it yet. */
  readonly changes?: PrincipalNode;
}

/** The steps from a principal to more permissions. */
export interface AccessPath {
  readonly hops: readonly Hop[];
  readonly gain: Gain;
  /** The catalogue's actions that the principal lacks. */
  readonly gained: ActionBits;
  /** How many principals the last hop's way leads to with the same answer, and how many of them are administrators. */
  readonly targets: { readonly count: number; readonly administrators: number; readonly arns: readonly string[] };
  readonly certainty: Certainty;
  readonly keys: readonly string[];
  readonly doubts: readonly Doubt[];
}

/** The hops of a way: what is changed first, how the caller acts as a helper, and the way itself. */
export function hopsOf({ from, way, target }: Hop): readonly Hop[] {
  const { first = [], helper } = way;
  const changesBy = (caller: PrincipalNode): readonly Hop[] =>
    first.map((one) => ({ from: caller, way: one, target: null, changes: target ?? caller }));
  if (helper === undefined) return [...changesBy(from), { from, way, target }];
  const { principal, part } = helper;
  const reached = hopsOf({ from, way: helper.way, target: principal });
  switch (part) {
    case 'changes':
      return [...reached, ...changesBy(principal), { from, way, target }];
    case 'access':
      return [...changesBy(from), ...reached, { from: principal, way, target }];
    case 'change of the caller':
      return [...reached, { from: principal, way, target: from, changes: from }];
  }
}

/** Condition keys and doubts of a whole path: a key that is missing at several steps counts once. */
export function uncertaintyOf(hops: readonly Hop[]): Pick<AccessPath, 'certainty' | 'keys' | 'doubts'> {
  const keys = [...new Set(hops.flatMap(({ way }) => way.keys))].sort();
  const doubts = hops.flatMap(({ way }) => way.doubts);
  return { keys, doubts, certainty: certaintyOf({ keys, doubts }) };
}

export const groundsOf = (hops: readonly Hop[]): readonly Ground[] =>
  uniqueGrounds(hops.flatMap(({ way }) => way.grounds));
