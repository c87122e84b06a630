import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Template } from 'aws-cdk-lib/assertions';
import { handlerNames } from '../../core/contract/environment.ts';
import { objects } from '../../core/contract/objects.ts';
import type { Finding } from '../../core/contract/finding.ts';
import { auditApp } from '../../lib/audit-app.ts';
import { execute } from '../../local/state-machine/execute.ts';
import { loadStateMachine } from '../../local/state-machine/load.ts';
import type { PublishedMessage } from '../../local/state-machine/task.ts';
import { resolveReference } from '../../local/synthesised-definition.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { FORMER_HUB, formerAccount } from '../support/former-version.ts';
import { handlers } from '../../local/handlers.ts';
import type { Json, Resource } from '../support/template.ts';
import type { VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();
const fixture = join(__dirname, '../fixtures/former-version');
const stored = JSON.parse(readFileSync(join(fixture, 'objects.json'), 'utf8')) as Record<string, string>;
const former = JSON.parse(readFileSync(join(fixture, 'template.json'), 'utf8')) as {
  Resources: Record<string, Resource>;
};
const { runId: FORMER_RUN } = JSON.parse(stored[objects.latest]!) as { runId: string };

/** The bucket of the former version, a day after its run. @param change changes the text of an object */
async function upgraded(change: (key: string, text: string) => string = (_key, text) => text): Promise<VirtualAudit> {
  const audit = await start({ accounts: [formerAccount()] });
  for (const [key, content] of Object.entries(stored)) {
    const path = join(audit.folder, key);
    const isCompressed = key.endsWith('.gz');
    const text = change(key, isCompressed ? gunzipSync(Buffer.from(content, 'base64')).toString() : content);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, isCompressed ? gzipSync(text) : text);
  }
  await audit.clock.sleep(86_400_000);
  return audit;
}

async function findingsOf(audit: VirtualAudit, runId: string): Promise<Map<string, Finding>> {
  const { text } = (await audit.store.read(objects.findings(runId)))!;
  const findings = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Finding);
  return new Map(findings.map((finding) => [finding.id, finding]));
}

test('the objects of the former version are read without a warning, and no finding is new again', async () => {
  const audit = await upgraded();
  expect(await audit.run({})).toMatchObject({ status: 'SUCCEEDED' });
  expect(audit.warnings).toEqual([]);
  const run = await audit.lastRun();
  expect(run).toMatchObject({ status: 'COMPLETE', previous: FORMER_RUN });
  // Nothing is carried if the versions check other actions: then the evidence is asked for again.
  expect(run.principals).toMatchObject({ failed: 0, partial: 0 });
  const before = await findingsOf(audit, FORMER_RUN);
  const after = await findingsOf(audit, run.runId);
  expect(before.size).toBeGreaterThan(5);
  for (const [id, { firstSeen }] of before) expect([id, after.get(id)?.firstSeen]).toEqual([id, firstSeen]);
  expect([...after.values()].filter(({ id, state }) => state === 'new' && before.has(id))).toEqual([]);
  expect(((await audit.json(objects.trend(run.runId))) as { points: unknown[] }).points).toHaveLength(2);
});

test('a run of the former version is resumed', async () => {
  const audit = await upgraded((key, text) =>
    key === objects.account(FORMER_RUN, FORMER_HUB)
      ? text.replace('"status": "COMPLETE"', '"status": "PARTIAL"')
      : text,
  );
  expect(await audit.run({ resume: FORMER_RUN })).toMatchObject({ status: 'SUCCEEDED' });
  expect(await audit.lastRun()).toMatchObject({ status: 'COMPLETE', resumes: FORMER_RUN });
});

const withVersion = (text: string): string =>
  text.replace(/"schemaVersion": ?\d+,?/, '').replace('{', '{"schemaVersion":99,');

test.each(Object.keys(stored).filter((key) => key.startsWith('state/')))(
  'an object of a newer version is named as too new, and the run goes on without it: %s',
  async (key) => {
    const audit = await upgraded((name, text) => (name === key ? withVersion(text) : text));
    expect(await audit.run({})).toMatchObject({ status: 'SUCCEEDED' });
    expect(
      audit.warnings.filter((warning) => warning.includes(key) && /has schema version 99, but/.test(warning)),
    ).not.toEqual([]);
    expect(await audit.lastRun()).toMatchObject({ status: 'COMPLETE' });
  },
);

test('an execution of the former definition ends with the functions of this version', async () => {
  const audit = await upgraded();
  const machine = Object.values(former.Resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')!;
  const { 'Fn::Join': join } = machine.Properties.DefinitionString as { 'Fn::Join': [string, unknown[]] };
  const services = { ...audit.services(), settings: { ...audit.services().settings, notify: 'always' as const } };
  const { clock, random, store } = services;
  const messages: PublishedMessage[] = [];
  const result = await execute(
    loadStateMachine(join[1].map(resolveReference).join(''), random),
    { name: 'old', id: 'old', input: {}, startedAt: clock.now() },
    {
      clock,
      random,
      readLines: (_bucket, key) => store.readLines(key),
      publish: (message) => {
        messages.push(message);
        return Promise.resolve();
      },
      putEvents: () => Promise.reject(new Error('The former definition has no events.')),
      invoke: (functionArn, payload) => {
        const name = handlerNames.find((handler) => functionArn.includes(`Functions${handler.replaceAll('-', '')}`))!;
        const deadline = clock.now() + 900_000;
        return handlers[name](() => services)(payload, {
          getRemainingTimeInMillis: () => deadline - clock.now(),
          memoryLimitInMB: '1024',
        });
      },
    },
  );
  expect(result).toMatchObject({ status: 'SUCCEEDED', output: { status: 'COMPLETE' } });
  expect(messages.map(({ Subject }) => Subject)).toEqual(['IAM audit: COMPLETE']);
});

describe('the template', () => {
  const { stack } = auditApp({ bundle: false, validate: false, settings: { stackName: 'Audit' } });
  const now = (Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> }).Resources;

  /** Properties whose change replaces the resource (CloudFormation reference, "Update requires: Replacement"). */
  const identity: Readonly<Record<string, readonly string[]>> = {
    'AWS::S3::Bucket': ['BucketName'],
    'AWS::SNS::Topic': ['TopicName', 'FifoTopic'],
    'AWS::SNS::Subscription': ['Endpoint', 'Protocol', 'TopicArn'],
    'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
    'AWS::Logs::LogGroup': ['LogGroupName'],
    'AWS::Lambda::Function': ['FunctionName', 'PackageType'],
    'AWS::IAM::Role': ['RoleName', 'Path'],
    'AWS::StepFunctions::StateMachine': ['StateMachineName', 'StateMachineType'],
    'AWS::Scheduler::Schedule': ['Name', 'GroupName'],
    'AWS::Scheduler::ScheduleGroup': ['Name'],
    'AWS::CloudWatch::Alarm': ['AlarmName'],
  };

  test('keeps each resource of the former version, and replaces none that has data, a name or subscribers', () => {
    const types = new Set(Object.values(former.Resources).map(({ Type }) => Type));
    expect(types).toContain('AWS::S3::Bucket');
    for (const [id, { Type, Properties }] of Object.entries(former.Resources)) {
      const kept = now[id];
      expect([id, kept?.Type]).toEqual([id, Type]);
      const of = (properties: Json = {}): unknown[] => (identity[Type] ?? []).map((name) => properties[name]);
      expect([id, of(kept?.Properties)]).toEqual([id, of(Properties)]);
    }
  });

  /** CloudFormation deletes a resource with the stack unless its policy says otherwise. */
  test.each([
    {},
    { kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef' },
    { doctor: { trailBucket: 'the-trail' }, securityHub: true },
    { accounts: 'organization', memberRoleName: 'member', subscribers: ['team@example.com'] },
  ])('leaves nothing but the bucket and its policy when the stack is deleted: %j', (settings) => {
    const { stack: other } = auditApp({ bundle: false, validate: false, settings });
    const { Resources } = Template.fromStack(other).toJSON() as { Resources: Record<string, Resource> };
    const kept = Object.values(Resources).filter(
      ({ DeletionPolicy = 'Delete', UpdateReplacePolicy = 'Delete' }) =>
        DeletionPolicy !== 'Delete' || UpdateReplacePolicy !== 'Delete',
    );
    expect(kept.map(({ Type }) => Type).sort()).toEqual(['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']);
    // CloudFormation keeps a log group that Lambda has created itself: each function has one of the stack.
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      const { LogGroup } = Properties.LoggingConfig as { LogGroup: { Ref: string } };
      expect(Resources[LogGroup.Ref]?.Type).toBe('AWS::Logs::LogGroup');
    }
  });
});
