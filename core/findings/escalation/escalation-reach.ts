import { everyAction, gainedBits, grantsAnything, type ActionBits, type Power } from '../abilities/abilities.ts';
import type { TargetView } from '../abilities/target-view.ts';

/** What a principal gains when it acts as a target. */
export type Gain =
  /** The target's permissions. */
  | 'own'
  /** The target's permissions and those that its permissions boundary withholds. */
  | 'boundary'
  /** Any permission: the target's policies are rewritten. */
  | 'everything';

/** The targets from which a principal gains permissions. */
export interface Reach {
  readonly count: number;
  readonly administrators: number;
  /** At most ten ARNs, administrators first. */
  readonly arns: readonly string[];
  /** Gained from any of them. */
  readonly gained: ActionBits;
}

/** The principal at the start of an escalation path. */
export interface SourcePrincipal {
  readonly arn: string;
  readonly power: Power;
  /** `powerKey` of `power`. */
  readonly key: string;
}

/** Targets with the same permissions: the result for one applies to all. */
export interface TargetGroup {
  readonly power: Power;
  /** `powerKey` of `power`. */
  readonly key: string;
  readonly isAdministrator: boolean;
  readonly withheld: ActionBits | null;
  /** Sorted. */
  readonly arns: readonly string[];
}

export const powerKey = ({ everywhere, somewhere }: Power): string =>
  `${everywhere.toString(36)}.${somewhere.toString(36)}`;

/** Leaves out targets whose permissions could not be read: what can be gained from them is unknown. */
export function groupByPower(views: readonly TargetView[]): TargetGroup[] {
  const groups = new Map<string, TargetGroup & { readonly arns: string[] }>();
  for (const { arn, power, isAdministrator, withheld } of views) {
    if (power === null) continue;
    const key = powerKey(power);
    const groupKey = withheld === null ? key : `${key}.${withheld.toString(36)}`;
    const group = groups.get(groupKey);
    if (group === undefined) groups.set(groupKey, { power, key, isAdministrator, withheld, arns: [arn] });
    else group.arns.push(arn);
  }
  for (const { arns } of groups.values()) arns.sort();
  return [...groups.values()];
}

const MOST_ARNS = 10;

/** @returns null if nothing is gained from any group */
export function reachOf(groups: readonly TargetGroup[], gain: Gain, source: SourcePrincipal): Reach | null {
  let [count, administrators, gained] = [0, 0, 0n];
  const first: { readonly yes: string[]; readonly no: string[] } = { yes: [], no: [] };
  for (const group of groups) {
    const { bits, isAdministrator } = gainFrom(group, gain, source.power);
    if (bits === 0n) continue;
    // The source itself is no target. It can only be in the group with its own power.
    const isOwn = gain !== 'own' && group.key === source.key;
    const arns = isOwn ? group.arns.filter((arn) => arn !== source.arn) : group.arns;
    if (arns.length === 0) continue;
    count += arns.length;
    if (isAdministrator) administrators += arns.length;
    gained |= bits;
    addFirst(isAdministrator ? first.yes : first.no, arns);
  }
  return count === 0 ? null : { count, administrators, arns: [...first.yes, ...first.no].slice(0, MOST_ARNS), gained };
}

/** Merges a sorted list into `first`, which keeps only the first `MOST_ARNS`: groups are many and may be large. */
function addFirst(first: string[], arns: readonly string[]): void {
  for (const arn of arns) {
    const last = first.length < MOST_ARNS ? null : (first.at(-1) ?? null);
    if (last !== null && arn > last) return;
    const after = first.findIndex((one) => one > arn);
    first.splice(after < 0 ? first.length : after, 0, arn);
    if (first.length > MOST_ARNS) first.pop();
  }
}

function gainFrom(
  { power, isAdministrator, withheld }: TargetGroup,
  gain: Gain,
  source: Power,
): { readonly bits: ActionBits; readonly isAdministrator: boolean } {
  switch (gain) {
    case 'own':
      return { bits: gainedBits(power, source), isAdministrator };
    case 'everything':
      return { bits: everyAction & ~source.everywhere, isAdministrator: true };
    case 'boundary': {
      if (withheld === null || withheld === 0n) return { bits: 0n, isAdministrator };
      const freed = { everywhere: power.everywhere | withheld, somewhere: power.somewhere | withheld };
      return { bits: gainedBits(freed, source), isAdministrator: grantsAnything(freed) };
    }
  }
}

/** The reach of several sets of targets that have none in common. */
export function mergedReach(reaches: readonly (Reach | null)[]): Reach | null {
  const present = reaches.filter((reach) => reach !== null);
  if (present.length < 2) return present[0] ?? null;
  const sum = (amount: (reach: Reach) => number): number => present.reduce((total, reach) => total + amount(reach), 0);
  const first: { readonly yes: string[]; readonly no: string[] } = { yes: [], no: [] };
  for (const { arns, administrators } of present) {
    addFirst(first.yes, arns.slice(0, administrators));
    addFirst(first.no, arns.slice(administrators));
  }
  return {
    count: sum(({ count }) => count),
    administrators: sum(({ administrators }) => administrators),
    arns: [...first.yes, ...first.no].slice(0, MOST_ARNS),
    gained: present.reduce((bits, { gained }) => bits | gained, 0n),
  };
}
