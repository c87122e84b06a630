import { allow, document as policy, trustOf } from '../../support/policy-documents.ts';
import { scanned } from '../../support/scanned-case.ts';

const ID = '111122223392';
const INSTANCES = 'arn:aws:ec2:*:*:instance/*';
const document = (name: string): string => `arn:aws:ssm:*:*:document/${name}`;

/** The techniques by which a user reaches an instance with the administrator role. */
async function techniques(...statements: Readonly<Record<string, unknown>>[]): Promise<string[]> {
  const { findings } = await scanned({
    id: ID,
    users: [{ name: 'ann', inline: [{ name: 'own', doc: policy(...statements) }] }],
    roles: [
      {
        name: 'boss',
        trust: trustOf({ Service: 'ec2.amazonaws.com' }),
        inline: [{ name: 'all', doc: policy(allow('*')) }],
        instanceProfiles: ['web'],
      },
    ],
  });
  const found = findings.find(({ rule, principalArn }) => rule === 'escalation-path' && principalArn.endsWith('/ann'));
  const paths = (found?.evidence['paths'] ?? []) as { steps: { technique: string }[] }[];
  return paths.map(({ steps }) => steps[0]?.technique ?? '');
}

const SEND = 'ssm:SendCommand';

test.each([
  ['AWS-RunShellScript', true],
  ['AWS-Run*', true],
  ['*', true],
  ['Restart-Web', true],
  ['AWS-UpdateSSMAgent', false],
  ['AWS-RunPatchBaseline', false],
  ['AmazonInspector2-*', false],
])('a command with the document %s runs what the caller wants: %s', async (name, runs) => {
  expect((await techniques(allow(SEND, [INSTANCES, document(name)]))).length > 0).toBe(runs);
});

test('the documents of AWS belong to no account', async () => {
  const shell = 'arn:aws:ssm:eu-west-1::document/AWS-RunShellScript';
  expect(await techniques(allow(SEND, [INSTANCES, shell]))).toHaveLength(1);
});

test('a document that the caller creates has no name of AWS', async () => {
  const create = ['ssm:CreateDocument', 'ssm:StartAutomationExecution', 'iam:PassRole'];
  expect(await techniques(allow(create, document('AWS-RunShellScript')))).toEqual([]);
});

const SESSION = 'ssm:StartSession';
const checked = { Condition: { BoolIfExists: { 'ssm:SessionDocumentAccessCheck': 'true' } } };
const forwarding = 'arn:aws:ssm:*::document/AWS-StartPortForwardingSession';

test('a session gives a shell, unless the statement asks for the permission for the document', async () => {
  expect(await techniques(allow(SESSION, INSTANCES))).toHaveLength(1);
  expect(await techniques(allow(SESSION, [INSTANCES, forwarding]))).toHaveLength(1);
  expect(await techniques(allow(SESSION, [INSTANCES, forwarding], checked))).toEqual([]);
  const shell = document('SSM-SessionManagerRunShell');
  expect(await techniques(allow(SESSION, [INSTANCES, shell], checked))).toHaveLength(1);
});
