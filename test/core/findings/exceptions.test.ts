import { Exceptions, isExpired, readExceptions } from '../../../core/findings/exceptions.ts';

const right = {
  rule: 'administrator',
  arn: 'arn:aws:iam::*:role/admin-*',
  owner: 'platform team',
  reason: 'break glass',
  expires: '2026-11-25',
};
const file = (...exceptions: unknown[]): string => JSON.stringify({ exceptions });
const read = (text: string) => readExceptions(text, ['administrator', 'unused-role', 'expired-exception']);

test('reads an exception and keeps its index in the file', () => {
  expect(read(file(right))).toEqual({ exceptions: [{ ...right, index: 0 }], problems: [] });
});

test.each<[string, unknown, RegExp]>([
  ['a misspelt field', { ...right, owners: 'x' }, /^exceptions\[1\]\.owners: there is no such field.*rule, arn, owner/],
  ['a missing owner', { ...right, owner: undefined }, /^exceptions\[1\]\.owner is missing/],
  ['an empty reason', { ...right, reason: ' ' }, /^exceptions\[1\]\.reason: must not be empty/],
  [
    'a day that does not exist',
    { ...right, expires: '2026-02-30' },
    /^exceptions\[1\]\.expires: must be a day such as/,
  ],
  ['no day', { ...right, expires: 'soon' }, /^exceptions\[1\]\.expires: must be a day such as.*"soon"/],
  ['no ARN', { ...right, arn: 'admin' }, /^exceptions\[1\]\.arn: must be the ARN/],
  [
    'a rule that does not exist',
    { ...right, rule: 'admin' },
    /^exceptions\[1\]\.rule: there is no rule "admin".*\. Did you mean administrator\? docs\/findings\.md lists all rules\.$/,
  ],
  [
    'a rule that resembles no other',
    { ...right, rule: 'x' },
    /there is no rule "x", so this exception is ignored\. docs\/findings\.md lists all rules\.$/,
  ],
  [
    'the rule of expired exceptions',
    { ...right, rule: 'expired-exception' },
    /^exceptions\[1\]\.rule: expired-exception allows no exceptions/,
  ],
  ['a number', 7, /^exceptions\[1\] must be an object with rule, arn, owner, reason, expires, but was 7\. /],
  ['null', null, /^exceptions\[1\] must be an object with rule, arn, owner, reason, expires, but was null\. /],
])('%s is reported and does not affect other exceptions', (_name, wrong, problem) => {
  const { exceptions, problems } = read(file(right, wrong, { ...right, rule: 'unused-role' }));
  expect(exceptions.map(({ index }) => index)).toEqual([0, 2]);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(problem);
});

test('for a mistyped rule, only the ids that share the most words are suggested', () => {
  const ids = ['unused-user', 'unused-role', 'unused-password', 'unused-access-key', 'old-access-key'];
  const problem = (rule: string): string => readExceptions(file({ ...right, rule }), ids).problems[0] ?? '';
  expect(problem('unused_roles')).toContain('. Did you mean unused-role? docs');
  expect(problem('access-keys')).toContain('. Did you mean unused-access-key or old-access-key? docs');
  expect(problem('unused')).toContain('is ignored. docs');
});

test('a byte order mark at the start of the file is ignored', () => {
  expect(read(`\ufeff${file(right)}`)).toEqual({ exceptions: [{ ...right, index: 0 }], problems: [] });
});

test.each<[string, string, RegExp]>([
  ['not valid JSON', '{', /is not valid JSON, so no exception applies/],
  ['a list', '[]', /must have the form \{"exceptions".* because the file is a list/],
  ['a text', '"x"', /must have the form \{"exceptions".* because the file is not an object/],
  ['an object with another field', '{"exeptions": []}', /because it has no field "exceptions", but "exeptions"\./],
  ['an object with one more field', '{"exceptions": [], "version": 1}', /because it has more .*: "version"\./],
  ['an object of another type', '{"exceptions": {}}', /because "exceptions" is not a list\./],
])('a file that is %s does not stop the run and is reported', (_name, text, problem) => {
  const { exceptions, problems } = read(text);
  expect(exceptions).toEqual([]);
  expect(problems[0]).toMatch(problem);
});

test.each([
  ['2026-11-24T23:59:59Z', false],
  ['2026-11-25T23:59:59Z', false],
  ['2026-11-26T00:00:00Z', true],
])('an exception until 25 November is expired at %s: %s', (time, expired) => {
  expect(isExpired(right, Date.parse(time))).toBe(expired);
});

test('an exception matches only findings of its rule and ARN pattern, and a match is recorded', () => {
  const exceptions = new Exceptions(
    read(file(right, { ...right, rule: 'unused-role' }, { ...right, arn: 'arn:aws:iam::*:role/none' })),
    Date.parse('2026-11-25T12:00:00Z'),
  );
  const admin = { rule: 'administrator', principalArn: 'arn:aws:iam::111122223333:role/admin-1' };
  const { owner, reason, expires } = right;
  expect(exceptions.for(admin)).toEqual({ owner, reason, expires });
  expect(exceptions.for({ ...admin, principalArn: 'arn:aws:iam::111122223333:user/admin-1' })).toBeNull();
  expect(exceptions.for({ ...admin, rule: 'old-access-key' })).toBeNull();
  expect([...exceptions.matched]).toEqual([0]);
});

test('if a renewed exception is valid, the expired one does not reopen the finding', () => {
  const renewed = { ...right, expires: '2027-01-01' };
  const exceptions = new Exceptions(read(file(right, renewed)), Date.parse('2026-11-26T12:00:00Z'));
  const found = { rule: 'administrator', principalArn: 'arn:aws:iam::111122223333:role/admin-1' };
  expect(exceptions.for(found)?.expires).toBe('2027-01-01');
  expect([...exceptions.matched]).toEqual([1]);
});

test('an expired exception suppresses nothing, and its match is recorded', () => {
  const exceptions = new Exceptions(read(file(right)), Date.parse('2026-11-26T12:00:00Z'));
  expect(exceptions.for({ rule: 'administrator', principalArn: 'arn:aws:iam::111122223333:role/admin-1' })).toBeNull();
  expect([...exceptions.matched]).toEqual([0]);
});
