import { everyAction, gainedBits, grantsAnything, type ActionBits, type Power } from './abilities.ts';
import type { PrincipalView } from './principal-view.ts';

/** What somebody who comes to act as a target gains. */
export type Gain =
  /** What the target can do. */
  | 'own'
  /** That, and what the target's permissions boundary withholds. */
  | 'boundary'
  /** Everything: the target's policies are rewritten. */
  | 'everything';

/** Targets from which one gains something. */
export interface Reach {
  readonly count: number;
  readonly administrators: number;
  /** At most ten ARNs, administrators first. */
  readonly arns: readonly string[];
  /** By any of them. */
  readonly gained: ActionBits;
}

/** Who looks for targets. */
export interface Seeker {
  readonly arn: string;
  readonly power: Power;
}

/** Targets that differ in nothing but their names: what is found of one holds for all. */
export interface Alike {
  readonly power: Power;
  readonly isAdministrator: boolean;
  readonly withheld: ActionBits | null;
  /** Sorted. */
  readonly arns: readonly string[];
}

export const powerKey = ({ everywhere, somewhere }: Power): string =>
  `${everywhere.toString(36)}.${somewhere.toString(36)}`;

/** Those whose permissions could not be had are left out: nobody can say what one gains from them. */
export function alikeAmong(views: readonly PrincipalView[]): Alike[] {
  const groups = new Map<string, Alike & { readonly arns: string[] }>();
  for (const { arn, power, isAdministrator, withheld } of views) {
    if (power === null) continue;
    const key = `${powerKey(power)}.${withheld?.toString(36) ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { power, isAdministrator, withheld, arns: [arn] });
    else group.arns.push(arn);
  }
  for (const { arns } of groups.values()) arns.sort();
  return [...groups.values()];
}

const MOST_ARNS = 10;

/** @returns null where nothing is gained from any of them */
export function reachOf(groups: readonly Alike[], gain: Gain, seeker: Seeker): Reach | null {
  let [count, administrators, gained] = [0, 0, 0n];
  const named: { arn: string; isAdministrator: boolean }[] = [];
  for (const group of groups) {
    const { bits, isAdministrator } = gainFrom(group, gain, seeker.power);
    if (bits === 0n) continue;
    // Only its own group is of its own power, so that only there it must be looked for.
    const isOwn = gain !== 'own' && powerKey(group.power) === powerKey(seeker.power);
    const arns = isOwn ? group.arns.filter((arn) => arn !== seeker.arn) : group.arns;
    if (arns.length === 0) continue;
    count += arns.length;
    if (isAdministrator) administrators += arns.length;
    gained |= bits;
    for (const arn of arns.slice(0, MOST_ARNS)) named.push({ arn, isAdministrator });
  }
  return count === 0 ? null : { count, administrators, arns: firstOf(named), gained };
}

function gainFrom(
  { power, isAdministrator, withheld }: Alike,
  gain: Gain,
  seeker: Power,
): { readonly bits: ActionBits; readonly isAdministrator: boolean } {
  switch (gain) {
    case 'own':
      return { bits: gainedBits(power, seeker), isAdministrator };
    case 'everything':
      return { bits: everyAction & ~seeker.everywhere, isAdministrator: true };
    case 'boundary': {
      if (withheld === null || withheld === 0n) return { bits: 0n, isAdministrator };
      const freed = { everywhere: power.everywhere | withheld, somewhere: power.somewhere | withheld };
      return { bits: gainedBits(freed, seeker), isAdministrator: grantsAnything(freed) };
    }
  }
}

function firstOf(named: readonly { readonly arn: string; readonly isAdministrator: boolean }[]): string[] {
  const byRank = (isAdministrator: boolean): string[] =>
    named.filter((one) => one.isAdministrator === isAdministrator).map(({ arn }) => arn);
  return [...byRank(true).sort(), ...byRank(false).sort()].slice(0, MOST_ARNS);
}

export function joined(reaches: readonly (Reach | null)[]): Reach | null {
  const found = reaches.filter((reach) => reach !== null);
  if (found.length < 2) return found[0] ?? null;
  const sum = (amount: (reach: Reach) => number): number => found.reduce((total, reach) => total + amount(reach), 0);
  const named = found.flatMap(({ arns, administrators }) =>
    arns.map((arn, index) => ({ arn, isAdministrator: index < administrators })),
  );
  return {
    count: sum(({ count }) => count),
    administrators: sum(({ administrators }) => administrators),
    arns: firstOf(named),
    gained: found.reduce((bits, { gained }) => bits | gained, 0n),
  };
}
