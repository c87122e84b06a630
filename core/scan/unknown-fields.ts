import { suggestionFor } from '../wording/near-names.ts';
import { caseFields } from './case-format.ts';

/**
 * Sentences about the fields of an account that its format does not have, so that a misspelt one is not ignored silently.
 * @param account an account in the format of `test/fixtures/cases`
 */
export function unknownFields(account: unknown): string[] {
  return [
    ...unknownIn(account, '', caseFields.account),
    ...(['users', 'roles', 'groups', 'policies'] as const).flatMap((kind) =>
      itemsOf(account, kind).flatMap(([place, item]) => [
        ...unknownIn(item, place, caseFields[kind]),
        ...itemsOf(item, 'inline').flatMap(([inner, one]) => unknownIn(one, `${place}.${inner}`, caseFields.inline)),
        ...unknownIn(fieldOf(item, 'cred'), `${place}.cred`, caseFields.cred),
        ...entriesOf(fieldOf(item, 'la')).flatMap(([namespace, use]) =>
          unknownIn(use, `${place}.la.${namespace}`, caseFields.use),
        ),
      ]),
    ),
  ];
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const fieldOf = (value: unknown, name: string): unknown => entriesOf(value).find(([key]) => key === name)?.[1];

/** The items of a list, each with its place. */
function itemsOf(value: unknown, name: string): [string, unknown][] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list.map((item: unknown, index) => [`${name}[${index}]`, item]) : [];
}

const unknownIn = (value: unknown, place: string, known: readonly string[]): string[] =>
  entriesOf(value).flatMap(([name]) => {
    if (known.includes(name)) return [];
    const field = place === '' ? name : `${place}.${name}`;
    return [`${field} is ignored: the format has no such field.${suggestionFor(name, known)}`];
  });
