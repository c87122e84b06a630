import { loggable } from '../../../core/wording/loggable.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1';
const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }] };

test.each([
  ['an access key ID', 'The key AKIAIOSFODNN7EXAMPLE is not valid.', 'The key [access key ID removed] is not valid.'],
  ['the ID of a temporary key', 'ASIAIOSFODNN7EXAMPLE', '[access key ID removed]'],
  ['a secret access key', `signed with ${SECRET}`, 'signed with [token removed]'],
  ['a session token', `token=${'FwoGZXIvYXdzE1'.repeat(20)}`, '[token removed]'],
  ['a policy', `it has another content (${JSON.stringify(document)}).`, 'it has another content ([document removed]).'],
  [
    'a policy inside a JSON string',
    `Expected Object but received ${JSON.stringify(JSON.stringify(document))}`,
    'Expected Object but received [document removed]',
  ],
  [
    'a URL-encoded policy',
    `document ${encodeURIComponent(JSON.stringify(document))} end`,
    'document [document removed] end',
  ],
  [
    'the part of a policy that a parser shows',
    `Unexpected token 'x', ..."Effect":"Allow"x"... is not valid JSON`,
    `Unexpected token 'x', ...[document removed]... is not valid JSON`,
  ],
  ['the beginning of a policy that is cut off', `received {"Version":"2012`, 'received [document removed]'],
  ['a long quoted text', `received "${'a b '.repeat(60)}"`, 'received [document removed]'],
])('%s is removed', (_name, text, expected) => {
  expect(loggable(text)).toBe(expected);
});

test.each([
  'User: arn:aws:sts::111122223333:assumed-role/IamAuditBatchFunctionRole0123456789Abcdef/IamAudit is not authorized to perform: iam:GetRole on resource: role app',
  'runs/20261123T040000Z-abcdef/accounts/111122223333/recommendations/role-a.json can’t be used: it is empty.',
  'exceptions[0]: unused-role on arn:aws:iam::*:role/x, of team',
  'The role "deploy" is missing.',
])('a message without secrets stays the same: %s', (text) => {
  expect(loggable(text)).toBe(text);
});

test('a text of any length gives a short line', () => {
  expect(loggable('word '.repeat(100_000)).length).toBeLessThan(1_100);
});
