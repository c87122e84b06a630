import { evaluateTrust, trustsWholeAccount } from '../../../../core/findings/escalation/trust-evaluation.ts';
import type { TrustedParty } from '../../../../core/contract/trust.ts';
import { party, principalRecord, type RecordSketch } from '../../../support/principal-record.ts';

const ACCOUNT = '111122223333';
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const requires = (key: string, match: 'equals' | 'like', ...values: string[]): Partial<TrustedParty> => ({
  requires: [{ key, match, values }],
});
const ann: RecordSketch = { type: 'user', name: 'ann', tags: { Team: 'red' } };
const ci: RecordSketch = { name: 'ci', tags: { Team: 'red' } };

const cases: [string, Partial<TrustedParty>[], RecordSketch, string][] = [
  ['the principal’s account', [{ principal: ROOT }], ci, 'yes'],
  ['its account by account ID', [{ principal: ACCOUNT }], ann, 'yes'],
  ['the principal itself', [{ principal: `arn:aws:iam::${ACCOUNT}:user/ann` }], ann, 'yes'],
  ['another principal of its account', [{ principal: `arn:aws:iam::${ACCOUNT}:user/anna` }], ann, 'no'],
  ['a session of the role', [{ principal: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/build` }], ci, 'yes'],
  ['a session of another role', [{ principal: `arn:aws:sts::${ACCOUNT}:assumed-role/cia/build` }], ci, 'no'],
  ['a role session never matches a user', [{ principal: `arn:aws:sts::${ACCOUNT}:assumed-role/ann/x` }], ann, 'no'],
  ['everyone', [{ kind: 'everyone', principal: '*' }], ci, 'yes'],
  [
    'everyone except the principal',
    [{ kind: 'everyone', principal: '*', except: [`arn:aws:iam::${ACCOUNT}:role/ci`] }],
    ci,
    'no',
  ],
  ['everyone except its account', [{ kind: 'everyone', principal: '*', except: [ROOT] }], ci, 'no'],
  ['another account', [{ kind: 'otherAccount', principal: 'arn:aws:iam::444455556666:root' }], ci, 'no'],
  ['a service', [{ kind: 'service', principal: 'ec2.amazonaws.com' }], ci, 'no'],
  ['a principal in an unknown format', [{ kind: 'unknown', principal: 'x' }], ci, 'no'],
  ['no trusted party', [], ci, 'no'],
  [
    'a matching condition on its ARN',
    [{ principal: ROOT, ...requires('aws:principalarn', 'like', '*:role/c?') }],
    ci,
    'yes',
  ],
  [
    'a condition on another ARN',
    [{ principal: ROOT, ...requires('aws:principalarn', 'equals', '*:role/c?') }],
    ci,
    'no',
  ],
  [
    'a condition on its account',
    [{ principal: '*', ...requires('aws:principalaccount', 'equals', ACCOUNT) }],
    ci,
    'yes',
  ],
  [
    'a condition on its user name',
    [{ principal: ROOT, ...requires('aws:username', 'equals', 'bob', 'ann') }],
    ann,
    'yes',
  ],
  [
    'a condition on a user name, which a role does not have',
    [{ principal: ROOT, ...requires('aws:username', 'equals', 'ci') }],
    ci,
    'no',
  ],
  [
    'a matching condition on a tag',
    [{ principal: ROOT, ...requires('aws:principaltag/team', 'equals', 'red') }],
    ann,
    'yes',
  ],
  [
    'a condition on another value of a tag',
    [{ principal: ROOT, ...requires('aws:principaltag/team', 'equals', 'blue') }],
    ann,
    'no',
  ],
  [
    'a tag that a role session may add',
    [{ principal: ROOT, ...requires('aws:principaltag/team', 'equals', 'blue') }],
    ci,
    'conditional',
  ],
  [
    'a condition on a tag that the user lacks',
    [{ principal: ROOT, ...requires('aws:principaltag/x', 'equals', 'y') }],
    ann,
    'no',
  ],
  [
    'a condition on an external ID',
    [{ principal: ROOT, ...requires('sts:externalid', 'equals', 's') }],
    ci,
    'conditional',
  ],
  ['a condition that was not evaluated', [{ principal: ROOT, unjudged: ['aws:sourceip'] }], ci, 'conditional'],
  ['a Deny that applies in part', [{ principal: ROOT, deniedInPart: true }], ci, 'conditional'],
  [
    'two parties, one without conditions',
    [{ principal: ROOT, unjudged: ['aws:sourceip'] }, { principal: ROOT }],
    ci,
    'yes',
  ],
  [
    'two parties, one of another kind',
    [{ principal: ROOT, unjudged: ['aws:sourceip'] }, { kind: 'service' }],
    ci,
    'conditional',
  ],
];

test.each(cases)('trust policy: %s', (_name, parties, sketch, kind) => {
  expect(evaluateTrust(parties.map(party), principalRecord(sketch)).kind).toBe(kind);
});

test('a conditional result names its condition keys', () => {
  const given = party({ ...requires('sts:externalid', 'equals', 's'), unjudged: ['aws:sourceip'] });
  expect(evaluateTrust([given], principalRecord(ci))).toEqual({
    kind: 'conditional',
    keys: ['aws:sourceip', 'sts:externalid'],
  });
});

test('only a trusted account without any condition is open to the whole account', () => {
  expect(trustsWholeAccount(party({}))).toBe(true);
  for (const given of [
    { unjudged: ['aws:sourceip'] },
    { deniedInPart: true },
    requires('sts:externalid', 'equals', 's'),
    { kind: 'otherAccount' as const },
    { principal: `arn:aws:iam::${ACCOUNT}:role/ci` },
  ]) {
    expect(trustsWholeAccount(party(given))).toBe(false);
  }
});
