import type { AccountCredentials } from '../../../core/contract/evidence.ts';
import { rootInWords, trustInWords } from '../../../core/report/identity.ts';
import { noCredentials, party, principalRecord, type RecordSketch } from '../../support/principal-record.ts';

const key = (active: boolean) => ({ active, lastUsed: null, lastRotated: null });
const account = (root: AccountCredentials['root'], age: number | null = 5): AccountCredentials => ({
  root,
  credentialReportAt: null,
  credentialReportAgeMinutes: age,
  problems: [],
});

test.each<[AccountCredentials | undefined, string]>([
  [undefined, 'not known'],
  [account(null), 'not known'],
  [account({ ...noCredentials, mfaActive: true }), 'MFA, no active keys'],
  [account({ ...noCredentials, accessKeys: [key(true), key(false)] }), 'no MFA, 1 active key'],
  [account({ ...noCredentials, accessKeys: [key(true), key(true)] }, 200), 'no MFA, 2 active keys, report 3 h old'],
])('of root it is told: %#', (given, words) => {
  expect(rootInWords(given)).toBe(words);
});

test.each<[RecordSketch, string | null]>([
  [{ type: 'user' }, null],
  [{ trust: null }, 'Who may assume it is not known.'],
  [{ trust: [] }, 'Nobody may assume it.'],
  [{ trust: [{ kind: 'everyone', principal: '*' }] }, 'Assumable by EVERYONE (*).'],
  [
    { trust: [{ kind: 'outsideAccount', principal: '999988887777', externalId: true }] },
    'Assumable by OUTSIDE its organization (999988887777, with an ExternalId).',
  ],
  [
    { trust: [{ kind: 'service', principal: 'ec2.amazonaws.com' }], managedBy: 'service' },
    'Assumable by a service (ec2.amazonaws.com). Kept by an AWS service.',
  ],
  [
    { trust: [{ kind: 'oidcProvider', principal: 'p', oidcSubjects: ['a', 'b'], unjudged: ['p:x'] }] },
    'Assumable by an OIDC provider (p, as a, b, if p:x).',
  ],
])('of trust it is told: %#', (given, words) => {
  expect(trustInWords(principalRecord(given))).toBe(words);
});

test('of many parties the first are told, and how many more there are', () => {
  const trust = Array.from({ length: 9 }, (_, n) => party({ kind: 'service', principal: `s${n}` }));
  expect(trustInWords(principalRecord({ trust: [...trust, party({ kind: 'service', principal: 's0' })] }))).toMatch(
    /\(s5\); and 3 more\.$/,
  );
});
