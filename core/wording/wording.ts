import type { PrincipalRecord } from '../contract/evidence.ts';

export const nameOf = ({ type, name }: Pick<PrincipalRecord, 'type' | 'name'>): string =>
  `${type === 'user' ? 'User' : 'Role'} ${name}`;

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** The first `most` names, and the number of the others: `a, b and 3 more`. */
export const listedBriefly = (names: readonly string[], most: number): string =>
  names.length <= most ? listed(names) : listed([...names.slice(0, most), `${names.length - most} more`]);

/** `one role`, `2 roles`, `no roles`. */
export const countedInWords = (count: number, one: string, many = `${one}s`): string =>
  count === 1 ? `one ${one}` : `${count === 0 ? 'no' : count} ${many}`;
