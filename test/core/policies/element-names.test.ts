import { parsePolicy } from '../../../core/policies/policy-document.ts';
import { readStatements } from '../../../core/policies/statements.ts';
import { decide } from '../../../local/emulated-aws/evaluation/decide.ts';
import { RequestContext } from '../../../local/emulated-aws/evaluation/request-context.ts';

const allow = (elements: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...elements }] });

test.each([
  ['Action', allow({ Action: 'iam:*', action: 's3:GetObject' })],
  ['Action, in the other order', allow({ action: 's3:GetObject', Action: 'iam:*' })],
  ['Statement', '{"Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}],"statement":[]}'],
])('a document that has %s twice in another case rules nothing out', (_, document) => {
  expect(parsePolicy(document)).toEqual({ kind: 'unreadable' });
  expect(readStatements(document).kind).toBe('unreadable');
});

test('one name in another case is read', () => {
  expect(parsePolicy(allow({ ACTION: 's3:GetObject' }))).toMatchObject({ allows: [{ actions: ['s3:GetObject'] }] });
});

test('the emulated IAM counts both elements', () => {
  const policies = (document: object) => [{ id: 'p', type: 'inline', document: { ...document } }];
  const decisionOn = (action: string): string => {
    const document = JSON.parse(allow({ Action: 'iam:*', action: 's3:GetObject' })) as object;
    return decide(policies(document), action, '*', new RequestContext(), new Set()).decision;
  };
  expect(['iam:PassRole', 's3:GetObject', 's3:PutObject'].map(decisionOn)).toEqual([
    'allowed',
    'allowed',
    'implicitDeny',
  ]);
});

test('a policy that is nested deeply is read, or is unreadable, and never an error', () => {
  const depth = 50_000;
  const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const document = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":${nested}}}`;
  expect(['readable', 'unreadable']).toContain(parsePolicy(document).kind);
  expect(readStatements(document).kind).toBe('unreadable');
});
