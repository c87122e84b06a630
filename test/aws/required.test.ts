import * as required from '../../aws/required.ts';

const of = ['GetRole', 'Name'] as const;

test.each<[string, () => unknown]>([
  ['a text', () => required.requiredText(1, ...of)],
  ['an optional text', () => required.optionalText(1, ...of)],
  ['a list', () => required.requiredList({} as never, ...of)],
  ['an optional list', () => required.optionalList({} as never, ...of)],
  ['a time', () => required.requiredTime('2026-11-23', ...of)],
  ['a time that is none', () => required.optionalTime(new Date(Number.NaN), ...of)],
  ['a flag', () => required.optionalFlag('true', ...of)],
  ['a number', () => required.optionalNumber(Number.POSITIVE_INFINITY, ...of)],
  ['a number as a text', () => required.optionalNumber('1', ...of)],
  ['a choice', () => required.requiredChoice('c', ['a', 'b'], ...of)],
])('another value in place of %s is an error that names operation and field', (_what, read) => {
  expect(read).toThrow(/^AWS's response to GetRole has a Name that can't be read: /);
});

test.each<[unknown]>([[undefined], [null], ['']])(
  '%j in place of a value that AWS always sends is an error',
  (value) => {
    expect(() => required.required(value, ...of)).toThrow("AWS's response to GetRole has no Name.");
  },
);

test('values are returned as they are, and a missing optional value is null or empty', () => {
  expect(required.requiredText('a', ...of)).toBe('a');
  expect(required.optionalText(undefined, ...of)).toBeNull();
  expect(required.optionalText('', ...of)).toBe('');
  expect(required.optionalList(undefined, ...of)).toEqual([]);
  expect(required.requiredList([1], ...of)).toEqual([1]);
  expect(required.requiredTime(new Date(0), ...of)).toBe('1970-01-01T00:00:00.000Z');
  expect(required.optionalTime(undefined, ...of)).toBeNull();
  expect(required.optionalFlag(false, ...of)).toBe(false);
  expect(required.optionalFlag(undefined, ...of)).toBeNull();
  expect(required.optionalNumber(0, ...of)).toBe(0);
  expect(required.optionalNumber(undefined, ...of)).toBeNull();
  expect(required.requiredChoice('b', ['a', 'b'], ...of)).toBe('b');
});

test('the message has at most 60 characters of the value', () => {
  const message = (value: string): string => required.unexpected(...of, value).message;
  expect(message('a'.repeat(58))).toContain(`: "${'a'.repeat(58)}".`);
  expect(message('a'.repeat(59))).toContain(`: "${'a'.repeat(59)}….`);
});
