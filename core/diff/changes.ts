import type { Finding, Severity } from '../contract/finding.ts';
import type { Ability } from '../findings/abilities/abilities.ts';

/** How what a principal can do with one action has changed. `changed`: neither wider nor narrower, or both. */
export interface PermissionChange {
  readonly action: string;
  readonly change: 'gained' | 'lost' | 'changed';
  readonly before: string;
  readonly after: string;
}

/** What is different between two runs, in their own order: accounts, then principals, then findings. */
export type Change =
  | {
      readonly kind: 'principal';
      readonly change: 'added' | 'removed';
      readonly accountId: string;
      readonly arn: string;
    }
  | {
      readonly kind: 'permissions';
      readonly accountId: string;
      readonly arn: string;
      readonly changes: readonly PermissionChange[];
    }
  | {
      readonly kind: 'finding';
      readonly change: 'new' | 'resolved' | 'suppressed' | 'reopened' | 'worse' | 'better';
      readonly finding: Finding;
      /** Of one that is worse or better: what it was. */
      readonly before?: Severity;
    }
  /** What could not be compared: that nothing is said of it does not mean that nothing has changed. */
  | { readonly kind: 'notCompared'; readonly accountId: string; readonly arn: string | null; readonly why: string };

/** Where and when a principal can do something, in words. */
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

/** Null where nothing has changed, or one of both is not known. */
export function permissionChange(action: string, before: Ability, after: Ability): PermissionChange | null {
  if (before.kind === 'unknown' || after.kind === 'unknown') return null;
  const words = { action, before: abilityInWords(before), after: abilityInWords(after) };
  if (words.before === words.after) return null;
  if (before.kind === 'unable') return { ...words, change: 'gained' };
  if (after.kind === 'unable') return { ...words, change: 'lost' };
  const wider = covers(after, before);
  const narrower = covers(before, after);
  // The same in another order is the same.
  if (wider && narrower) return null;
  return { ...words, change: wider ? 'gained' : narrower ? 'lost' : 'changed' };
}

type Able = Extract<Ability, { kind: 'able' }>;

/** Whether `wide` surely lets through all that `narrow` does. */
const covers = (wide: Able, narrow: Able): boolean =>
  (wide.resources === null ||
    (narrow.resources !== null && narrow.resources.every((arn) => wide.resources?.includes(arn)))) &&
  wide.conditions.every((key) => narrow.conditions.includes(key));
