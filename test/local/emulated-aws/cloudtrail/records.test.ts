import { projectRecord } from '../../../../core/doctor/records/project-record.ts';
import {
  THROTTLED,
  type CallerIdentity,
  type RecordedCall,
} from '../../../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { currentRecords, trailRecords } from '../../../../local/emulated-aws/cloudtrail/records.ts';
import { requestParameters } from '../../../../local/emulated-aws/cloudtrail/request-parameters.ts';
import { userAgents } from '../../../../local/emulated-aws/cloudtrail/user-agents.ts';
import { seededRandom } from '../../../../local/seeded-random.ts';

const AT = Date.parse('2026-11-23T16:15:32.750Z');
const ACCOUNT = '111122223333';
const OTHER = '444455556666';

const session: CallerIdentity = {
  kind: 'session',
  accountId: ACCOUNT,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/apps/hub`,
  roleId: 'AROAEXAMPLE',
  sessionName: 'job-1',
  accessKeyId: 'ASIAEXAMPLE',
  issuedAtMs: AT - 60_000,
};

const assumeRole = (account: string, changes: Partial<RecordedCall> = {}): RecordedCall => ({
  atMs: AT,
  service: 'sts',
  operation: 'AssumeRole',
  parameters: { roleArn: `arn:aws:iam::${account}:role/spoke`, roleSessionName: 'job-1', externalId: 'x-1' },
  caller: session,
  error: null,
  region: 'eu-west-1',
  endpoint: 'regional',
  userAgent: userAgents.jsStandard,
  ip: '203.0.113.7',
  hostHeader: 'sts.eu-west-1.amazonaws.com',
  ...changes,
});

const recordsOf = (call: RecordedCall, options = {}) =>
  trailRecords(call, { ...currentRecords, ...options }, seededRandom(1));

test('a role of another account is recorded in both accounts, without the ARN of the caller in the second', () => {
  const [own, other, ...more] = recordsOf(assumeRole(OTHER));
  expect(more).toEqual([]);
  expect([own!.accountId, other!.accountId]).toEqual([ACCOUNT, OTHER]);
  expect(own!.record.sharedEventID).toBe(other!.record.sharedEventID);
  expect(own!.record.eventID).not.toBe(other!.record.eventID);
  expect(own!.record.requestParameters).toEqual(other!.record.requestParameters);
  expect(other!.record.userIdentity).toEqual({
    type: 'AWSAccount',
    principalId: 'AROAEXAMPLE:job-1',
    accountId: ACCOUNT,
  });
});

test('a refused call is recorded in the account of the caller only', () => {
  const records = recordsOf(assumeRole(OTHER, { error: THROTTLED }));
  expect(records.map(({ accountId }) => accountId)).toEqual([ACCOUNT]);
});

test('times have whole seconds, and the end of a session has the words that CloudTrail uses', () => {
  const [first] = recordsOf(assumeRole(ACCOUNT));
  expect(first!.record).toMatchObject({
    eventTime: '2026-11-23T16:15:32Z',
    responseElements: { credentials: { expiration: 'Nov 23, 2026, 5:15:32 PM' } },
  });
});

test.each([
  ['kept' as const, true],
  ['null' as const, false],
])('parameters of throttled calls can be %s', (refusedParameters, kept) => {
  const [first] = recordsOf(assumeRole(ACCOUNT, { error: THROTTLED }), { refusedParameters });
  expect(first!.record.requestParameters !== null).toBe(kept);
  expect(first!.record).toMatchObject({ errorCode: 'Throttling', errorMessage: 'Rate exceeded' });
});

test('a call of the global endpoint is recorded in us-east-1 with the Region that served it', () => {
  const [first] = recordsOf(assumeRole(ACCOUNT, { endpoint: 'global', hostHeader: 'sts.amazonaws.com' }));
  expect(first!.region).toBe('us-east-1');
  expect(first!.record).toMatchObject({
    awsRegion: 'us-east-1',
    additionalEventData: { RequestDetails: { endpointType: 'global', awsServingRegion: 'eu-west-1' } },
  });
});

test.each(['1.05', '1.08'] as const)('event version %s has no details of STS requests, and is read', (eventVersion) => {
  const [first] = recordsOf(assumeRole(ACCOUNT), { eventVersion });
  expect(first!.record).not.toHaveProperty('additionalEventData');
  expect('tlsDetails' in first!.record).toBe(eventVersion === '1.08');
  expect(projectRecord(first!.record).kind).toBe('row');
});

test('a call of an AWS service names the service as address and user agent', () => {
  const [first, ...more] = recordsOf(
    assumeRole(ACCOUNT, { caller: { kind: 'service', service: 'ec2.amazonaws.com' } }),
  );
  expect(more).toEqual([]);
  expect(first!.record).toMatchObject({
    userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    sourceIPAddress: 'ec2.amazonaws.com',
    recipientAccountId: ACCOUNT,
  });
  expect(first!.record).not.toHaveProperty('tlsDetails');
});

test.each<[CallerIdentity]>([
  [session],
  [
    {
      kind: 'user',
      accountId: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:user/a`,
      principalId: 'AIDA',
      accessKeyId: 'AKIA',
    },
  ],
  [{ kind: 'root', accountId: ACCOUNT, accessKeyId: 'AKIA' }],
  [
    {
      kind: 'webIdentity',
      providerArn: `arn:aws:iam::${ACCOUNT}:oidc-provider/idp`,
      audience: 'sts',
      subject: 'repo:a/b',
    },
  ],
  [{ kind: 'service', service: 'lambda.amazonaws.com' }],
])('the doctor reads the record of each kind of caller', (caller) => {
  const [first] = recordsOf(assumeRole(ACCOUNT, { caller }));
  expect(projectRecord(JSON.parse(JSON.stringify(first!.record)))).toMatchObject({
    kind: 'row',
    row: { operation: 'AssumeRole', sec: Math.floor(AT / 1000), recipient_account: ACCOUNT },
  });
});

test('request parameters of the Query protocol get CloudTrail’s spelling', () => {
  const query = new URLSearchParams(
    'Action=X&Version=1&RoleArn=r&DurationSeconds=900&ActionNames.member.1=a&ActionNames.member.2=b&Tags.member.1.Key=k&Tags.member.1.Value=v',
  );
  expect(requestParameters(query)).toEqual({
    roleArn: 'r',
    durationSeconds: 900,
    actionNames: ['a', 'b'],
    tags: [{ key: 'k', value: 'v' }],
  });
  expect(requestParameters(new URLSearchParams('Action=GetCallerIdentity&Version=1'))).toBeNull();
});
