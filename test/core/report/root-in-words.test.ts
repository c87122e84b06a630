import type { AccountCredentials } from '../../../core/contract/evidence.ts';
import { rootInWords } from '../../../core/report/root-in-words.ts';
import { trustInWords } from '../../../core/wording/trust-in-words.ts';
import { noCredentials, party, principalRecord, type RecordSketch } from '../../support/principal-record.ts';

const key = (active: boolean) => ({ active, lastUsed: null, lastRotated: null });
const account = (root: AccountCredentials['root'], age: number | null = 5): AccountCredentials => ({
  root,
  credentialReportAt: null,
  credentialReportAgeMinutes: age,
  usersWithPassword: null,
  passwordPolicy: null,
  problems: [],
});

test.each<[AccountCredentials | undefined, string]>([
  [undefined, 'not known'],
  [account(null), 'not known'],
  [account({ ...noCredentials, mfaActive: true }), 'MFA, no active keys'],
  [account({ ...noCredentials, accessKeys: [key(true), key(false)] }), 'no MFA, 1 active key'],
  [
    account({ ...noCredentials, accessKeys: [key(true), key(true)] }, 200),
    'no MFA, 2 active keys, credential report 3 h old',
  ],
])('root user in words: %#', (given, words) => {
  expect(rootInWords(given)).toBe(words);
});

test.each<[RecordSketch, string | null]>([
  [{ type: 'user' }, null],
  [{ trust: null }, 'Trusted principals are not known.'],
  [{ trust: [] }, 'No principal can assume it.'],
  [{ trust: [{ kind: 'everyone', principal: '*' }] }, 'Can be assumed by EVERYONE (*).'],
  [
    { trust: [{ kind: 'everyone', principal: '*', closedToStrangers: true }] },
    'Can be assumed by those that its conditions name (*).',
  ],
  [
    { trust: [{ kind: 'outsideAccount', principal: '999988887777', externalId: true }] },
    'Can be assumed by an account OUTSIDE its organization (999988887777, with an external ID).',
  ],
  [
    { trust: [{ kind: 'service', principal: 'ec2.amazonaws.com' }], managedBy: 'service' },
    'Can be assumed by an AWS service (ec2.amazonaws.com). Managed by an AWS service.',
  ],
  [
    { trust: [{ kind: 'oidcProvider', principal: 'p', oidcSubjects: ['a', 'b'], unjudged: ['p:x'] }] },
    'Can be assumed by an OIDC provider (p, with subject a, b, under the condition p:x).',
  ],
])('trust policy in words: %#', (given, words) => {
  expect(trustInWords(principalRecord(given))).toBe(words);
});

test('only the first of many trusted parties are named, with the number of the others', () => {
  const trust = Array.from({ length: 9 }, (_, n) => party({ kind: 'service', principal: `s${n}` }));
  expect(trustInWords(principalRecord({ trust: [...trust, party({ kind: 'service', principal: 's0' })] }))).toMatch(
    /\(s5\); and 3 more\.$/,
  );
});
