import type { PermissionChange } from '../contract/answers/diff.ts';
import type { Ability } from '../access/abilities/abilities.ts';

/** An ability in words: on which resources, and under which conditions. */
export function abilityInWords(ability: Ability): string {
  switch (ability.kind) {
    case 'able': {
      const where = ability.resources === null ? 'everywhere' : `on ${ability.resources.join(', ')}`;
      return ability.conditions.length === 0 ? where : `${where} if ${ability.conditions.join(', ')}`;
    }
    case 'unable':
      return 'not allowed';
    case 'unknown':
      return 'not known';
  }
}

/** Null if there is no change, or one of the two is not known. */
export function permissionChange(action: string, before: Ability, after: Ability): PermissionChange | null {
  if (before.kind === 'unknown' || after.kind === 'unknown') return null;
  const words = { action, before: abilityInWords(before), after: abilityInWords(after) };
  if (words.before === words.after) return null;
  if (before.kind === 'unable') return { ...words, change: 'gained' };
  if (after.kind === 'unable') return { ...words, change: 'lost' };
  const wider = covers(after, before);
  const narrower = covers(before, after);
  // Another order of the same resources or conditions is not a change.
  if (wider && narrower) return null;
  return { ...words, change: wider ? 'gained' : narrower ? 'lost' : 'changed' };
}

type Able = Extract<Ability, { kind: 'able' }>;

/** Whether `wide` certainly allows everything that `narrow` allows. */
const covers = (wide: Able, narrow: Able): boolean =>
  (wide.resources === null ||
    (narrow.resources !== null && narrow.resources.every((arn) => wide.resources?.includes(arn)))) &&
  wide.conditions.every((key) => narrow.conditions.includes(key));
