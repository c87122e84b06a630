import { entryOf, isOpenToAccount } from '../../../../core/findings/escalation/trust-evaluation.ts';
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
  ['its account', [{ principal: ROOT }], ci, 'yes'],
  ['its account by number', [{ principal: ACCOUNT }], ann, 'yes'],
  ['itself', [{ principal: `arn:aws:iam::${ACCOUNT}:user/ann` }], ann, 'yes'],
  ['another of its account', [{ principal: `arn:aws:iam::${ACCOUNT}:user/anna` }], ann, 'no'],
  ['a session of itself', [{ principal: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/build` }], ci, 'yes'],
  ['a session of another', [{ principal: `arn:aws:sts::${ACCOUNT}:assumed-role/cia/build` }], ci, 'no'],
  ['a session is none of a user', [{ principal: `arn:aws:sts::${ACCOUNT}:assumed-role/ann/x` }], ann, 'no'],
  ['everyone', [{ kind: 'everyone', principal: '*' }], ci, 'yes'],
  ['everyone but it', [{ kind: 'everyone', principal: '*', except: [`arn:aws:iam::${ACCOUNT}:role/ci`] }], ci, 'no'],
  ['everyone but its account', [{ kind: 'everyone', principal: '*', except: [ROOT] }], ci, 'no'],
  ['another account', [{ kind: 'otherAccount', principal: 'arn:aws:iam::444455556666:root' }], ci, 'no'],
  ['a service', [{ kind: 'service', principal: 'ec2.amazonaws.com' }], ci, 'no'],
  ['a form that nobody can read', [{ kind: 'unknown', principal: 'x' }], ci, 'no'],
  ['nobody', [], ci, 'no'],
  ['by its ARN', [{ principal: ROOT, ...requires('aws:principalarn', 'like', '*:role/c?') }], ci, 'yes'],
  ['by another ARN', [{ principal: ROOT, ...requires('aws:principalarn', 'equals', '*:role/c?') }], ci, 'no'],
  ['by its account', [{ principal: '*', ...requires('aws:principalaccount', 'equals', ACCOUNT) }], ci, 'yes'],
  ['by its name', [{ principal: ROOT, ...requires('aws:username', 'equals', 'bob', 'ann') }], ann, 'yes'],
  ['by a name that a role does not have', [{ principal: ROOT, ...requires('aws:username', 'equals', 'ci') }], ci, 'no'],
  ['by a tag', [{ principal: ROOT, ...requires('aws:principaltag/team', 'equals', 'red') }], ann, 'yes'],
  ['by a tag of other value', [{ principal: ROOT, ...requires('aws:principaltag/team', 'equals', 'blue') }], ann, 'no'],
  [
    'a session may bring it',
    [{ principal: ROOT, ...requires('aws:principaltag/team', 'equals', 'blue') }],
    ci,
    'perhaps',
  ],
  ['by a tag that a user lacks', [{ principal: ROOT, ...requires('aws:principaltag/x', 'equals', 'y') }], ann, 'no'],
  ['by an external id', [{ principal: ROOT, ...requires('sts:externalid', 'equals', 's') }], ci, 'perhaps'],
  ['by what was not judged', [{ principal: ROOT, unjudged: ['aws:sourceip'] }], ci, 'perhaps'],
  ['but for a Deny', [{ principal: ROOT, deniedInPart: true }], ci, 'perhaps'],
  ['by the easier of two', [{ principal: ROOT, unjudged: ['aws:sourceip'] }, { principal: ROOT }], ci, 'yes'],
  ['by the only one', [{ principal: ROOT, unjudged: ['aws:sourceip'] }, { kind: 'service' }], ci, 'perhaps'],
];

test.each(cases)('trust in %s', (_name, parties, sketch, kind) => {
  expect(entryOf(parties.map(party), principalRecord(sketch)).kind).toBe(kind);
});

test('a role that perhaps lets in says by which keys', () => {
  const given = party({ ...requires('sts:externalid', 'equals', 's'), unjudged: ['aws:sourceip'] });
  expect(entryOf([given], principalRecord(ci))).toEqual({ kind: 'perhaps', keys: ['aws:sourceip', 'sts:externalid'] });
});

test('only an account without any condition is open to all of it', () => {
  expect(isOpenToAccount(party({}))).toBe(true);
  for (const given of [
    { unjudged: ['aws:sourceip'] },
    { deniedInPart: true },
    requires('sts:externalid', 'equals', 's'),
    { kind: 'otherAccount' as const },
    { principal: `arn:aws:iam::${ACCOUNT}:role/ci` },
  ]) {
    expect(isOpenToAccount(party(given))).toBe(false);
  }
});
