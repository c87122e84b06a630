import * as v from 'valibot';
import { Credentials } from '../../../core/contract/evidence.ts';
import { userCredentials } from '../../../core/inventory/account-credentials.ts';
import { parseCredentialReport } from '../../../core/inventory/credential-report.ts';

const header =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated';
const arn = (name: string): string => `arn:aws:iam::111122223333:user/${name}`;
const row = (name: string, password: string, mfa: string, key1: string, key2: string): string =>
  `${name},${arn(name)},2024-01-01T00:00:00+00:00,${password},${mfa},${key1},${key2},false,N/A,false,N/A`;
const NONE = 'false,N/A,N/A,N/A,N/A';
const report = (...rows: string[]) => parseCredentialReport([header, ...rows].join('\n'), '2026-11-23T04:00:00Z');
const parse = (...rows: string[]) =>
  new Map([...report(...rows).byArn].map(([user, { credentials }]) => [user, credentials]));

test('a user with password, MFA and two keys', () => {
  const found = parse(
    row(
      'alice',
      'true,2026-11-01T10:00:00+00:00,2026-01-01T00:00:00+00:00,N/A',
      'true',
      'true,2026-02-01T00:00:00+00:00,2026-11-02T00:00:00+00:00,eu-west-1,s3',
      'false,2025-02-01T00:00:00+00:00,N/A,N/A,N/A',
    ),
  ).get(arn('alice'));
  expect(found).toEqual({
    activeCertificates: 0,
    passwordEnabled: true,
    passwordLastUsed: '2026-11-01T10:00:00.000Z',
    passwordLastChanged: '2026-01-01T00:00:00.000Z',
    mfaActive: true,
    accessKeys: [
      { active: true, lastUsed: '2026-11-02T00:00:00.000Z', lastRotated: '2026-02-01T00:00:00.000Z' },
      { active: false, lastUsed: null, lastRotated: '2025-02-01T00:00:00.000Z' },
    ],
  });
});

test.each(['N/A', 'no_information', 'not_supported', ''])('"%s" is not a time', (cell) => {
  const found = parse(row('bob', `true,${cell},N/A,N/A`, 'false', NONE, NONE)).get(arn('bob'));
  expect(found).toEqual({
    activeCertificates: 0,
    passwordEnabled: true,
    passwordLastUsed: null,
    passwordLastChanged: null,
    mfaActive: false,
    accessKeys: [],
  });
});

test.each([
  ['true', true],
  ['TRUE', true],
  ['false', false],
  ['not_supported', null],
  ['no_information', null],
  ['N/A', null],
  ['', null],
])('password_enabled "%s" is %s', (cell, expected) => {
  const found = parse(row('bob', `${cell},N/A,N/A,N/A`, 'false', NONE, NONE)).get(arn('bob'));
  expect(found?.passwordEnabled).toBe(expected);
});

test('a name with a comma is read correctly, with or without quotes', () => {
  const name = 'doe,john';
  const tail = `2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,true,${NONE},${NONE},false,N/A,false,N/A`;
  expect(parse(`${name},${arn(name)},${tail}`).get(arn(name))?.mfaActive).toBe(true);
  expect(parse(`"${name}","${arn(name)}",${tail}`).get(arn(name))?.mfaActive).toBe(true);
});

test.each([
  ['one comma in the path', 'a,b/doe'],
  ['commas in path and name', 'a,b,c/doe,john'],
  ['a quotation mark after a comma in the path', 'a,"b/doe'],
])('%s: the row is read, and the next one too', (_, pathAndName) => {
  const name = pathAndName.split('/').at(-1) ?? '';
  const tail = `2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,true,${NONE},${NONE},false,N/A,false,N/A`;
  const found = parse(`${name},${arn(pathAndName)},${tail}`, row('bob', 'true,N/A,N/A,N/A', 'false', NONE, NONE));
  expect(found.get(arn(pathAndName))).toMatchObject({ mfaActive: true, passwordEnabled: false });
  expect(found.get(arn('bob'))?.passwordEnabled).toBe(true);
});

test('a row of root with an additional cell is ignored', () => {
  expect(report(`${row('<root_account>', 'not_supported,N/A,N/A,N/A', 'true', NONE, NONE)},N/A`).root).toBeNull();
});

test('the root user is not in the list of users', () => {
  const root = row('<root_account>', 'not_supported,N/A,N/A,N/A', 'true', NONE, NONE);
  expect([...parse(root, row('carol', 'false,N/A,N/A,N/A', 'true', NONE, NONE)).keys()]).toEqual([arn('carol')]);
});

test('the root user has its own record with keys, MFA and the last use of its password', () => {
  const password = 'not_supported,2026-10-01T00:00:00+00:00,not_supported,not_supported';
  const key = 'true,2020-01-01T00:00:00+00:00,N/A,N/A,N/A';
  expect(report(row('<root_account>', password, 'false', key, NONE)).root).toEqual({
    passwordEnabled: null,
    passwordLastUsed: '2026-10-01T00:00:00.000Z',
    passwordLastChanged: null,
    mfaActive: false,
    activeCertificates: 0,
    accessKeys: [{ active: true, lastUsed: null, lastRotated: '2020-01-01T00:00:00.000Z' }],
  });
  expect(report().root).toBeNull();
});

test.each(['mfa_active', 'password_enabled'])(
  'a report without column %s is refused, and the message names the column',
  (name) => {
    expect(() => parseCredentialReport(header.replace(name, 'x'), '2026-11-23T04:00:00Z')).toThrow(`no column ${name}`);
  },
);

test('a record of an earlier version has null for the new password fields', () => {
  const earlier = { passwordLastUsed: null, mfaActive: true, accessKeys: [] };
  expect(v.parse(Credentials, earlier)).toEqual({
    ...{ ...earlier, passwordEnabled: null, passwordLastChanged: null },
    activeCertificates: null,
  });
});

test.each([
  ['active', 'true,N/A,N/A,N/A,N/A', { active: true, lastUsed: null, lastRotated: null }],
  [
    'inactive, and used',
    'false,N/A,2026-11-02T00:00:00+00:00,eu-west-1,s3',
    { active: false, lastUsed: '2026-11-02T00:00:00.000Z', lastRotated: null },
  ],
])('a key without a creation time is kept: %s', (_, cells, key) => {
  expect(parse(row('bob', 'false,N/A,N/A,N/A', 'false', cells, NONE)).get(arn('bob'))?.accessKeys).toEqual([key]);
  const root = report(row('<root_account>', 'not_supported,N/A,N/A,N/A', 'false', NONE, cells)).root;
  expect(root?.accessKeys).toEqual([key]);
});

describe('the row of a user', () => {
  const bob = row('bob', 'true,N/A,N/A,N/A', 'true', NONE, NONE);
  const answerOf = (...rows: string[]) => ({ kind: 'report' as const, report: report(...rows) });
  const user = (createdAt: string) => ({ arn: arn('bob'), createdAt });
  const OLD = '2024-01-01T00:00:00Z';

  test('is used for that user', () => {
    const { credentials, problems } = userCredentials(user(OLD), answerOf(bob));
    expect([credentials?.mfaActive, problems]).toEqual([true, []]);
  });

  test.each([
    ['before the report', '2026-11-23T03:59:00Z'],
    ['after the report', '2026-11-23T05:00:00Z'],
  ])('of a deleted user is not used for a new user of the same name, created %s', (_, createdAt) => {
    expect(userCredentials(user(createdAt), answerOf(bob))).toEqual({ credentials: null, problems: [] });
  });

  test.each([
    ['a missing row', []],
    ['an incomplete row', [bob.split(',').slice(0, 4).join(',')]],
    ['a row with an additional cell', [`${bob},N/A`]],
  ])('%s is a problem', (_, rows) => {
    const message = 'The credential report of 2026-11-23T04:00:00Z has no readable row for this user.';
    expect(userCredentials(user(OLD), answerOf(...rows))).toEqual({
      credentials: null,
      problems: [{ step: 'credentials', code: 'ReportFailed', message }],
    });
  });

  test('an incomplete row of the root user is ignored', () => {
    expect(report('<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00Z,true').root).toBeNull();
  });
});
