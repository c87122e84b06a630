import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, QuestionId } from '../../core/contract/doctor/diagnosis.ts';
import { projectRecord } from '../../core/doctor/records/project-record.ts';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { examineRows } from '../../local/log-analysis/examine-rows.ts';
import { record } from '../support/log-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const THROTTLED = { errorCode: 'Throttling', errorMessage: 'Rate exceeded' };

let nextId = 0;

/** A call of a role. @param at seconds after the start */
const call = (role: string, at: number, fields: Record<string, unknown> = {}): unknown => {
  nextId += 1;
  return record(`event-${nextId}`, {
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::111122223333:assumed-role/${role}/s`,
      accountId: '111122223333',
      accessKeyId: `ASIA${role}`,
      sessionContext: { sessionIssuer: { arn: arnOf(role) } },
    },
    eventTime: new Date(START + 1_000 * at).toISOString(),
    recipientAccountId: '111122223333',
    ...fields,
  });
};

const arnOf = (role: string): string => `arn:aws:iam::111122223333:role/${role}`;

/** Calls of a role, spread evenly over a time. */
const calls = (role: string, count: number, seconds: number, fields: Record<string, unknown> = {}): unknown[] =>
  Array.from({ length: count }, (_, n) => call(role, (n * seconds) / count, fields));

async function answerTo(id: QuestionId, records: readonly unknown[]): Promise<Answer & { readonly named: string[] }> {
  const rowsFolder = temporaryFolder('evidence');
  const rows = records.map((each) => {
    const projection = projectRecord(each);
    if (projection.kind !== 'row') throw new Error(projection.kind);
    return `${JSON.stringify(projection.row)}\n`;
  });
  writeFileSync(join(rowsFolder, 'rows.ndjson'), rows.join(''));
  const { questions } = await examineRows({
    rowsFolder,
    thresholds: defaultThresholds,
    memoryMegabytes: 200,
    source: { kind: 'cloudtrail', from: null, to: null, events: null, leftOut: [], complete: true },
  });
  const answer = questions.find((one) => one.id === id)!;
  return { ...answer, named: answer.callers.map(({ caller }) => caller) };
}

describe('throttled calls', () => {
  test.each([
    ['ValidationException', "Value 'Rate exceeded' at 'roleName' failed to satisfy constraint"],
    ['AccessDenied', 'User: x is not authorized to perform: iam:GetRole on resource: role Rate exceeded'],
    ['ValidationException', 'Rate exceeded'],
    ['LimitExceeded', 'Cannot exceed quota for PoliciesPerRole: 10'],
  ])('an error %s is none, whatever its message: %s', async (errorCode, errorMessage) => {
    const forged = calls('attacker', 60, 60, { errorCode, errorMessage });
    const { verdict, summary, named } = await answerTo('callers', [...calls('innocent', 600, 60), ...forged]);
    expect({ verdict, named }).toEqual({ verdict: 'unknown', named: [] });
    expect(summary).toContain('no throttled call');
  });

  test.each([
    [{ errorCode: 'Client.Throttling' }],
    [{ errorCode: 'throttling', errorMessage: 'x' }],
    [{ errorCode: 'ThrottlingException', errorMessage: 'Rate exceeded' }],
    [{ errorMessage: 'Rate exceeded' }],
  ])('%j is one', async (error) => {
    const { named } = await answerTo('callers', [...calls('hog', 600, 60), ...calls('victim', 60, 60, error)]);
    expect(named).toEqual([arnOf('hog')]);
  });
});

describe('who used the rate up', () => {
  const listUsers = { eventName: 'ListUsers', requestParameters: null };

  test('a caller of another operation of IAM is not the cause', async () => {
    const { named, callers } = await answerTo('callers', [
      ...calls('reader', 3_000, 300),
      ...calls('lister', 900, 300, listUsers),
      ...calls('victim', 60, 300, { ...listUsers, ...THROTTLED }),
    ]);
    expect(named).toEqual([arnOf('lister')]);
    expect(callers[0]?.operation).toBe('iam:ListUsers');
    expect(callers[0]?.diagnosis).toContain(
      `${arnOf('reader')} was served 3,000 calls, most often iam:GetRole, and none of its calls was throttled at that time. It is a possible cause only if iam:ListUsers and iam:GetRole share a limit.`,
    );
  });

  /** A loop that repeats throttled calls at once: each second two calls are served and eighteen are throttled. */
  const hog = (fields: Record<string, unknown> = {}): unknown[] => [
    ...calls('hog', 600, 300, fields),
    ...calls('hog', 5_400, 300, { ...fields, ...THROTTLED }),
  ];

  test('a caller of an operation that is never throttled is not the cause, although the throttled one has more calls', async () => {
    const { named } = await answerTo('callers', [...hog(), ...calls('lister', 1_500, 300, listUsers)]);
    expect(named).toEqual([arnOf('hog')]);
  });

  test('the cause can have throttled several operations', async () => {
    const { named } = await answerTo('callers', [
      ...hog(),
      ...hog({ eventName: 'ListRoleTags' }),
      ...calls('victim', 30, 300, { eventName: 'ListRoleTags', ...THROTTLED }),
      ...calls('lister', 3_000, 300, listUsers),
    ]);
    expect(named).toEqual([arnOf('hog')]);
  });

  test('a caller that is throttled a little under its own limit is not the cause', async () => {
    const { named } = await answerTo('callers', [
      ...hog(),
      ...calls('lister', 6_000, 300, listUsers),
      ...calls('lister', 60, 300, { ...listUsers, ...THROTTLED }),
    ]);
    expect(named).toEqual([arnOf('hog')]);
  });

  test('a caller that is never throttled is the cause if others are throttled with the same operation and with others', async () => {
    const { named } = await answerTo('callers', [
      ...calls('scanner', 3_000, 300),
      ...calls('victim', 150, 300, THROTTLED),
      ...calls('victim', 150, 300, { ...listUsers, ...THROTTLED }),
      ...calls('victim', 30, 300, listUsers),
    ]);
    expect(named).toEqual([arnOf('scanner')]);
  });

  test('a caller that is locked out is a problem, although few of all calls are throttled', async () => {
    const { verdict, named } = await answerTo('callers', [
      ...calls('hog', 6_000, 600),
      ...calls('victim', 100, 600, THROTTLED),
    ]);
    expect({ verdict, named }).toEqual({ verdict: 'found', named: [arnOf('hog')] });
  });

  test('nobody is named if no call to the throttled operation was served, and the possible cause is mentioned', async () => {
    const { verdict, named, summary, reason } = await answerTo('callers', [
      ...calls('reader', 3_000, 300),
      ...calls('victim', 60, 300, { ...listUsers, ...THROTTLED }),
    ]);
    expect({ verdict, named }).toEqual({ verdict: 'unknown', named: [] });
    expect(summary).toContain(
      'For 60 of the 60 throttled calls of iam:111122223333, hardly any call was served under the same limit',
    );
    expect(reason).toContain(`If the operations share a limit, ${arnOf('reader')} is a possible cause`);
  });

  test('a caller that is locked out is not named for the few calls that it was served', async () => {
    const { verdict, named, reason } = await answerTo('callers', [
      ...calls('reader', 3_000, 300),
      ...calls('victim', 200, 300, { ...listUsers, ...THROTTLED }),
      ...calls('victim', 20, 300, listUsers),
    ]);
    expect({ verdict, named }).toEqual({ verdict: 'unknown', named: [] });
    expect(reason).toContain(`${arnOf('reader')} is a possible cause`);
  });

  test('calls of AWS services to STS do not use the limit of the account, so they explain nothing', async () => {
    const sts = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', awsRegion: 'eu-west-1' };
    const service = { ...sts, userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' } };
    const { verdict, summary } = await answerTo('callers', [
      ...calls('none', 600, 60, service),
      ...calls('victim', 60, 60, { ...sts, ...THROTTLED }),
    ]);
    expect(verdict).toBe('unknown');
    expect(summary).not.toContain('many callers');
  });

  test('many AWS services together are not many small callers', async () => {
    const services = Array.from({ length: 20 }, (_, n) =>
      calls('none', 60, 60, { userIdentity: { type: 'AWSService', invokedBy: `service-${n}.amazonaws.com` } }),
    );
    const { verdict, summary } = await answerTo('callers', [...services.flat(), ...calls('victim', 60, 60, THROTTLED)]);
    expect(verdict).toBe('unknown');
    expect(summary).toContain('AWS services together account for 100 % of the throttled calls.');
  });

  test('four throttled calls of four are not in order', async () => {
    const { verdict, reason } = await answerTo('callers', calls('victim', 4, 60, THROTTLED));
    expect([verdict, reason]).toEqual(['unknown', expect.stringContaining('at least 5 throttled calls')]);
  });
});

describe('retries of calls without parameters', () => {
  const summary = { eventName: 'GetAccountSummary', requestParameters: null };

  /** A call each two seconds. Every second one is throttled at first: three more attempts follow after `wait` seconds each. */
  const loop = (role: string, wait: number, fields: Record<string, unknown>): unknown[] =>
    Array.from({ length: 120 }, (_, n) => 2.1 * n).flatMap((at, n) =>
      n % 2 === 0
        ? [call(role, at, fields)]
        : [0, 1, 2]
            .map((retry) => call(role, at + wait * retry, { ...fields, ...THROTTLED }))
            .concat(call(role, at + 3 * wait, fields)),
    );

  test('if no successful call of the operation has parameters, all calls are equal', async () => {
    const { named } = await answerTo('backoff', loop('job', 0.05, summary));
    expect(named).toEqual([arnOf('job')]);
  });

  test('if successful calls have parameters, those of throttled calls are not recorded', async () => {
    const records = [
      ...loop('job', 0.05, summary),
      call('job', 500, { ...summary, requestParameters: { marker: 'b' } }),
    ];
    const { verdict, named } = await answerTo('backoff', records);
    expect([verdict, named]).toEqual(['unknown', []]);
  });

  test('a caller that waits longer before each retry is not named', async () => {
    expect((await answerTo('backoff', loop('job', 0.6, summary))).named).toEqual([]);
  });

  test('workers that start together, several of which are served at once, give no answer', async () => {
    const together = Array.from({ length: 60 }, (_, n) => 31.3 * n).flatMap((at) => [
      ...[0, 0.01, 0.02, 0.03].map((after) => call('workers', at + after, { ...summary, ...THROTTLED })),
      ...[0.04, 0.05].map((after) => call('workers', at + after, summary)),
    ]);
    const { verdict, named } = await answerTo('backoff', together);
    expect([verdict, named]).toEqual(['unknown', []]);
  });
});

test('reads of one operation in a burst do not cause the throttling of another', async () => {
  const burst = calls('scanner', 600, 60);
  const listed = { eventName: 'ListUsers', ...THROTTLED };
  const quiet = calls('other', 60, 7_200);
  const beside = await answerTo('bursts', [...burst, ...quiet, ...calls('victim', 50, 60, listed)]);
  expect([beside.named, beside.verdict]).toEqual([[], 'unknown']);
  expect(beside.reason).toContain('share a limit');
  const same = await answerTo('bursts', [...burst, ...quiet, ...calls('victim', 50, 60, THROTTLED)]);
  expect(same.named).toEqual([arnOf('scanner')]);
});

describe('sessions', () => {
  const assume = (more: Record<string, unknown> = {}) => ({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: 'eu-west-1',
    requestParameters: { roleArn: arnOf('target'), roleSessionName: 'files' },
    ...more,
  });

  test('a program that sends another user agent with each request is one process', async () => {
    const records = Array.from({ length: 300 }, (_, n) => call('waster', 12 * n, assume({ userAgent: `agent/${n}` })));
    expect((await answerTo('credential-cache', records)).named).toEqual([arnOf('waster')]);
  });

  test('requests with web identity are counted, and leave the answer open if they are most', async () => {
    const webIdentity = assume({
      eventName: 'AssumeRoleWithWebIdentity',
      userIdentity: { type: 'WebIdentityUser', principalId: 'issuer:audience:subject', userName: 'subject' },
    });
    const own = Array.from({ length: 40 }, (_, n) => call(`own-${n}`, 60 * n, assume()));
    const { verdict, summary } = await answerTo('credential-cache', [
      ...own,
      ...calls('none', 600, 3_600, webIdentity),
    ]);
    expect([verdict, summary]).toEqual(['unknown', expect.stringContaining('600 requests of 640 for a session')]);
  });

  const named = (name: (n: number) => string): unknown[] =>
    Array.from({ length: 900 }, (_, n) =>
      call('broker', 8 * n, assume({ requestParameters: { roleArn: arnOf('target'), roleSessionName: name(n) } })),
    );

  test('hundreds of names of persons are no habit, and nothing is said to be in order', async () => {
    const {
      verdict,
      named: found,
      summary,
    } = await answerTo(
      'credential-cache',
      named((n) => `ann.lee${n}@corp.example`),
    );
    expect([verdict, found]).toEqual(['unknown', []]);
    expect(summary).toContain('a session name that is hardly ever used again');
  });

  test('hundreds of names without a sign of a person are taken for generated, and the answer says so', async () => {
    const { named: found, callers } = await answerTo(
      'credential-cache',
      named((n) => `req-${n}`),
    );
    expect(found).toEqual([arnOf('broker')]);
    expect(callers[0]?.diagnosis).toContain('This assumes that the names of 900 sessions are generated');
  });

  test('callers of another account are counted as such', async () => {
    const outside = assume({
      userIdentity: { type: 'AWSAccount', principalId: 'AROAEXAMPLE:s', accountId: '444455556666' },
    });
    const { verdict, reason } = await answerTo('credential-cache', calls('none', 100, 3_600, outside));
    expect([verdict, reason]).toEqual(['unknown', expect.stringContaining('Read the logs of account 444455556666')]);
  });

  test('short sessions of many roles count together, although each role has few renewals', async () => {
    const renewed = Array.from({ length: 30 }, (_, n) =>
      Array.from({ length: 4 }, (__, renewal) =>
        call(
          'monitor',
          600 * renewal + n,
          assume({
            requestParameters: { roleArn: arnOf(`account-${n}`), roleSessionName: 'read', durationSeconds: 900 },
          }),
        ),
      ),
    ).flat();
    const { named, callers } = await answerTo('session-duration', renewed);
    expect(named).toEqual([arnOf('monitor')]);
    expect(callers[0]?.figures).toMatchObject({ renewals: 90, saved: 67.5, sessionSeconds: 900 });
    expect(callers[0]?.diagnosis).toContain('It renewed 90 sessions of 15 minutes');
    const few = renewed.slice(0, 20);
    expect((await answerTo('session-duration', few)).named).toEqual([]);
  });

  test.each(['sts.amazonaws.com:443', 'STS.AmazonAWS.com', 'sts.amazonaws.com.'])(
    'the host name %s is that of the global endpoint',
    async (clientProvidedHostHeader) => {
      const old = assume({ awsRegion: 'us-east-1', tlsDetails: { clientProvidedHostHeader } });
      expect((await answerTo('sts-endpoint', calls('old', 30, 600, old))).named).toEqual([arnOf('old')]);
    },
  );
});

describe('policies for each request', () => {
  const minutely = (events: (n: number) => Record<string, unknown>[]): unknown[] =>
    Array.from({ length: 40 }, (_, n) => events(n).map((fields) => call('service', 120 * n, fields))).flat();

  const policies = (n: number) => [
    { eventName: 'CreatePolicy', requestParameters: { policyName: `p${n}` } },
    { eventName: 'DeletePolicy', requestParameters: { policyArn: `arn:aws:iam::111122223333:policy/p${n}` } },
  ];
  const roles = (n: number) => [
    { eventName: 'CreateRole', requestParameters: { roleName: `r${n}` } },
    { eventName: 'PutRolePolicy', requestParameters: { roleName: `r${n}`, policyName: 'own' } },
    { eventName: 'DeleteRole', requestParameters: { roleName: `r${n}` } },
  ];

  test.each([
    ['policies that are created and deleted', policies, 'created 40 and deleted 40 policies'],
    ['roles with an inline policy', roles, 'created 40 and deleted 40 roles'],
  ])('%s: found', async (_, events, diagnosis) => {
    const { named, callers } = await answerTo('policy-writes', minutely(events));
    expect(named).toEqual([arnOf('service')]);
    expect(callers[0]?.diagnosis).toContain(diagnosis);
  });

  test.each([
    ['policies that stay', (n: number) => policies(n).slice(0, 1)],
    ['roles that stay', (n: number) => roles(n).slice(0, 2)],
    ['roles without a policy', (n: number) => [roles(n)[0]!, roles(n)[2]!]],
  ])('%s: no habit', async (_, events) => {
    expect((await answerTo('policy-writes', minutely(events))).named).toEqual([]);
  });

  test('the user agent of a deployment tool is no excuse', async () => {
    const put = (n: number) => ({
      eventName: 'PutRolePolicy',
      requestParameters: { roleName: 'jobs', policyName: `${n}` },
      userAgent: 'APN/1.0 HashiCorp/1.0 Terraform/1.13 aws-sdk-go-v2/1.38.0',
    });
    const records = Array.from({ length: 60 }, (_, n) => call('service', 720 * n, put(n)));
    expect((await answerTo('policy-writes', records)).named).toEqual([arnOf('service')]);
  });
});
