import { everyAction, gainedBits, grantsAnything, type ActionBits, type Power } from '../abilities/abilities.ts';
import type { PrincipalView } from '../abilities/principal-view.ts';

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
  /** Of its power. */
  readonly key: string;
}

/** Targets that differ in nothing but their names: what is found of one holds for all. */
export interface Alike {
  readonly power: Power;
  /** Of its power. */
  readonly key: string;
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

/** @returns null where nothing is gained from any of them */
export function reachOf(groups: readonly Alike[], gain: Gain, seeker: Seeker): Reach | null {
  let [count, administrators, gained] = [0, 0, 0n];
  const first: { readonly yes: string[]; readonly no: string[] } = { yes: [], no: [] };
  for (const group of groups) {
    const { bits, isAdministrator } = gainFrom(group, gain, seeker.power);
    if (bits === 0n) continue;
    // Only its own group is of its own power, so that only there it must be looked for.
    const isOwn = gain !== 'own' && group.key === seeker.key;
    const arns = isOwn ? group.arns.filter((arn) => arn !== seeker.arn) : group.arns;
    if (arns.length === 0) continue;
    count += arns.length;
    if (isAdministrator) administrators += arns.length;
    gained |= bits;
    addFirst(isAdministrator ? first.yes : first.no, arns);
  }
  return count === 0 ? null : { count, administrators, arns: [...first.yes, ...first.no].slice(0, MOST_ARNS), gained };
}

/** Keeps the first of two sorted lists: there are many groups, and each may be large. */
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

export function joined(reaches: readonly (Reach | null)[]): Reach | null {
  const found = reaches.filter((reach) => reach !== null);
  if (found.length < 2) return found[0] ?? null;
  const sum = (amount: (reach: Reach) => number): number => found.reduce((total, reach) => total + amount(reach), 0);
  const first: { readonly yes: string[]; readonly no: string[] } = { yes: [], no: [] };
  for (const { arns, administrators } of found) {
    addFirst(first.yes, arns.slice(0, administrators));
    addFirst(first.no, arns.slice(administrators));
  }
  return {
    count: sum(({ count }) => count),
    administrators: sum(({ administrators }) => administrators),
    arns: [...first.yes, ...first.no].slice(0, MOST_ARNS),
    gained: found.reduce((bits, { gained }) => bits | gained, 0n),
  };
}
