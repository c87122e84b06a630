import {
  CreateUserCommand,
  GenerateCredentialReportCommand,
  GenerateServiceLastAccessedDetailsCommand,
  GetAccountAuthorizationDetailsCommand,
  GetCredentialReportCommand,
  GetServiceLastAccessedDetailsCommand,
  IAMClient,
  paginateGetAccountAuthorizationDetails,
  paginateSimulatePrincipalPolicy,
  SimulatePrincipalPolicyCommand,
  type GetAccountAuthorizationDetailsCommandOutput,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { EmulatedAccount } from '../../../local/emulated-aws/account.ts';
import type { EmulatedAwsSettings } from '../../../local/emulated-aws/settings.ts';
import { always } from '../../../local/emulated-aws/disturbances/step-schedule.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../../local/emulated-aws/server.ts';
import type { IssuedCredentials } from '../../../local/emulated-aws/sessions.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const START = Date.parse('2026-11-23T04:00:00Z');

/** A clock that only the test moves. */
const clock = {
  at: START,
  now: () => clock.at,
  sleep: (ms: number) => {
    clock.at += Math.max(0, ms);
    return Promise.resolve();
  },
};
let aws: EmulatedAws;
let accounts: EmulatedAccount[];
const clients: { destroy: () => void }[] = [];

async function start(settings: Partial<EmulatedAwsSettings> = {}): Promise<void> {
  clock.at = START;
  accounts = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n + 1, accountId, users: 20, roles: 40, now: START });
    addAuditRole(account, HUB, START);
    if (accountId === HUB) addOperator(account, START);
    return account;
  });
  aws = await startEmulatedAws({ accounts, clock, random: seededRandom(3), limit: null, ...settings });
}

const configuration = (credentials: IssuedCredentials) => ({
  region: 'us-east-1',
  endpoint: aws.url,
  credentials,
  maxAttempts: 1,
  requestHandler: { requestTimeout: 2_000, throwOnRequestTimeout: true },
});
function iam(credentials = aws.emulation.issueUser(HUB, OPERATOR)): IAMClient {
  const client = new IAMClient(configuration(credentials));
  clients.push(client);
  return client;
}
function sts(credentials = aws.emulation.issueUser(HUB, OPERATOR)): STSClient {
  const client = new STSClient(configuration(credentials));
  clients.push(client);
  return client;
}
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await aws.close();
});

const someRole = () => [...accounts[0]!.roles.values()][3]!;
const fault = (name: string, status: number) =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) as object }) as object;

describe('the inventory', () => {
  const readAll = async (pageSize: number): Promise<GetAccountAuthorizationDetailsCommandOutput[]> => {
    const pages: GetAccountAuthorizationDetailsCommandOutput[] = [];
    for await (const page of paginateGetAccountAuthorizationDetails({ client: iam(), pageSize }, {})) pages.push(page);
    return pages;
  };

  test.each([
    ['full pages', {}, 1_000, 1],
    ['pages of ten', {}, 10, 8],
    ['pages that are smaller than requested', { largestPage: 7 }, 1_000, 11],
    ['pages of random size', { randomPages: true }, 20, 5],
  ])('%s contain each principal once', async (_name, behaviour, pageSize, least) => {
    await start({ behaviour });
    const pages = await readAll(pageSize);
    expect(pages.length).toBeGreaterThanOrEqual(least);
    const arns = pages.flatMap((page) => [...page.UserDetailList!, ...page.RoleDetailList!].map(({ Arn }) => Arn));
    const [account] = accounts;
    expect(arns.sort()).toEqual([...account!.users.values(), ...account!.roles.values()].map(({ arn }) => arn).sort());
  });

  test('documents are URL-encoded, and tags are unchanged, even with markup', async () => {
    await start();
    const [page] = await readAll(1_000);
    const [account] = accounts;
    const policies = page!.RoleDetailList!.flatMap(({ RolePolicyList }) => RolePolicyList!);
    expect(policies.length).toBeGreaterThan(0);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument).toMatch(/^[A-Za-z0-9%._~-]+$/);
      expect(JSON.parse(decodeURIComponent(PolicyDocument!))).toHaveProperty('Statement');
    }
    const hostile = page!.UserDetailList!.find(({ Tags }) => Tags!.some(({ Key }) => Key === 'note'));
    const tags: Record<string, string | undefined> = Object.fromEntries(
      hostile!.Tags!.map(({ Key, Value }) => [Key!, Value]),
    );
    expect(tags).toEqual(account!.users.get(hostile!.UserName!)!.tags);
    expect(tags.note).toContain('</script>');
  });

  test('a filter excludes the other types', async () => {
    await start();
    const page = await iam().send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Group'], MaxItems: 1_000 }));
    expect([page.GroupDetailList!.length, page.UserDetailList!.length, page.Policies!.length]).toEqual([1, 0, 0]);
  });
});

describe('service last accessed', () => {
  const ask = async (client: IAMClient, Arn = someRole().arn): Promise<string> =>
    (await client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn, Granularity: 'ACTION_LEVEL' }))).JobId!;

  test('a report of services has no actions; one in progress has an empty list', async () => {
    await start();
    const role = [...accounts[0]!.roles.values()].find(({ activity }) => activity.size > 0)!;
    const client = iam();
    const generated = await client.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: role.arn }));
    const read = () => client.send(new GetServiceLastAccessedDetailsCommand({ JobId: generated.JobId! }));
    expect(await read()).toMatchObject({
      ...{ JobStatus: 'IN_PROGRESS', JobType: 'SERVICE_LEVEL' },
      ServicesLastAccessed: [],
    });
    clock.at += 10_000;
    const { ServicesLastAccessed: services = [] } = await read();
    expect(services.length).toBeGreaterThan(0);
    expect(services.filter(({ TrackedActionsLastAccessed }) => TrackedActionsLastAccessed !== undefined)).toEqual([]);
  });

  test('a report is in progress at first, and complete later, in pages', async () => {
    await start();
    const administrator = [...accounts[0]!.roles.values()].find(({ attachedPolicyArns }) =>
      attachedPolicyArns.includes('arn:aws:iam::aws:policy/AdministratorAccess'),
    )!;
    const client = iam();
    const JobId = await ask(client, administrator.arn);
    expect(JobId).toHaveLength(36);
    const early = await client.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    expect([early.JobStatus, early.ServicesLastAccessed]).toEqual(['IN_PROGRESS', []]);
    clock.at += 1_500;
    const first = await client.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    expect([first.JobStatus, first.IsTruncated, first.ServicesLastAccessed!.length]).toEqual(['COMPLETED', true, 100]);
    const last = await client.send(new GetServiceLastAccessedDetailsCommand({ JobId, Marker: first.Marker }));
    expect(last.IsTruncated).toBe(false);
    const used = [...first.ServicesLastAccessed!, ...last.ServicesLastAccessed!]
      .filter(({ LastAuthenticated }) => LastAuthenticated !== undefined)
      .map(({ ServiceNamespace }) => ServiceNamespace);
    expect(used.sort()).toEqual([...administrator.activity.keys()].sort());
  });

  test.each([
    [399, true],
    [401, false],
  ])('a use %i days ago is in the report and in RoleLastUsed: %s', async (days, isShown) => {
    await start();
    const role = someRole();
    const used = START - days * 86_400_000;
    const action = 'ListAllMyBuckets';
    role.inlinePolicies = [
      { name: 'own', document: { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } } },
    ];
    role.activity.clear();
    role.activity.set('s3', { lastAuthenticated: used, region: 'eu-west-1', actions: new Map([[action, used]]) });
    role.lastUsed = { at: used, region: 'eu-west-1' };
    const client = iam();
    const JobId = await ask(client, role.arn);
    clock.at += 1_500;
    const { ServicesLastAccessed = [] } = await client.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    const service = ServicesLastAccessed.find(({ ServiceNamespace }) => ServiceNamespace === 's3')!;
    const tracked = service.TrackedActionsLastAccessed!.find(({ ActionName }) => ActionName === action)!;
    const { RoleDetailList = [] } = await client.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
    const { RoleLastUsed } = RoleDetailList.find(({ Arn }) => Arn === role.arn)!;
    for (const time of [service.LastAuthenticated, tracked.LastAccessedTime, RoleLastUsed?.LastUsedDate]) {
      expect(time?.getTime()).toBe(isShown ? used : undefined);
    }
  });

  test('only the credentials that requested a report can read it', async () => {
    await start();
    const JobId = await ask(iam());
    clock.at += 60_000;
    await expect(iam().send(new GetServiceLastAccessedDetailsCommand({ JobId }))).rejects.toEqual(
      fault('NoSuchEntityException', 404),
    );
  });

  test('a failed report is returned with AWS’s reason', async () => {
    await start({ behaviour: { failedReports: 1 } });
    const client = iam();
    const JobId = await ask(client);
    clock.at += 1_500;
    const failed = await client.send(new GetServiceLastAccessedDetailsCommand({ JobId }));
    expect([failed.JobStatus, failed.Error?.Code, failed.ServicesLastAccessed]).toEqual([
      'FAILED',
      'INTERNAL_ERROR',
      [],
    ]);
  });
});

test('a simulation returns pages, and the missing context keys of each decision', async () => {
  await start();
  const reader = [...accounts[0]!.roles.values()].find(({ name }) => name.startsWith('reader'))!;
  const names = ['secretsmanager:GetSecretValue', 'iam:PassRole', 'iam:ListRoles'];
  const results = [];
  const pages = paginateSimulatePrincipalPolicy(
    { client: iam(), pageSize: 1 },
    { PolicySourceArn: reader.arn, ActionNames: names },
  );
  for await (const page of pages) {
    expect(page.EvaluationResults).toHaveLength(1);
    results.push(...page.EvaluationResults!);
  }
  expect(results.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision])).toEqual([
    [names[0], 'implicitDeny'],
    [names[1], 'implicitDeny'],
    [names[2], 'allowed'],
  ]);
  expect(results[0]!.MissingContextValues).toEqual(['aws:ResourceTag/team', 'aws:MultiFactorAuthPresent']);
});

describe('the credential report', () => {
  test('is started, in progress and complete, and stays the same for four hours', async () => {
    await start();
    const client = iam();
    const generate = async () => (await client.send(new GenerateCredentialReportCommand({}))).State;
    await expect(client.send(new GetCredentialReportCommand({}))).rejects.toEqual(
      fault('CredentialReportNotPresentException', 410),
    );
    expect(await generate()).toBe('STARTED');
    expect(await generate()).toBe('INPROGRESS');
    await expect(client.send(new GetCredentialReportCommand({}))).rejects.toEqual(
      fault('CredentialReportNotReadyException', 404),
    );
    clock.at += 3_000;
    expect(await generate()).toBe('COMPLETE');
    const { Content, GeneratedTime } = await client.send(new GetCredentialReportCommand({}));
    const rows = Buffer.from(Content!).toString().split('\n');
    expect(rows).toHaveLength(2 + accounts[0]!.users.size);
    expect(rows[1]).toMatch(/^<root_account>,/);
    clock.at += 3 * 3_600_000;
    expect(await generate()).toBe('COMPLETE');
    expect((await client.send(new GetCredentialReportCommand({}))).GeneratedTime).toEqual(GeneratedTime);
    clock.at += 2 * 3_600_000;
    await expect(client.send(new GetCredentialReportCommand({}))).rejects.toEqual(
      fault('CredentialReportExpiredException', 410),
    );
  });
});

describe('errors have AWS’s names and status codes', () => {
  const gone = `arn:aws:iam::${HUB}:role/gone`;
  const last = (Arn: string) => new GenerateServiceLastAccessedDetailsCommand({ Arn });
  const simulate = (PolicySourceArn: string, ActionNames = ['iam:PassRole']) =>
    new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames });

  test.each([
    ['a report on a deleted principal', () => iam().send(last(gone)), 'NoSuchEntityException', 404],
    ['a report on an invalid ARN', () => iam().send(last('arn:aws:iam::1:nothing')), 'InvalidInputException', 400],
    ['a simulation of a deleted principal', () => iam().send(simulate(gone)), 'NoSuchEntityException', 404],
    [
      'a simulation of an invalid action',
      () => iam().send(simulate(someRole().arn, ['PassRole'])),
      'InvalidInputException',
      400,
    ],
    [
      'an unknown marker',
      () => iam().send(new GetAccountAuthorizationDetailsCommand({ Marker: 'x' })),
      'ValidationError',
      400,
    ],
    [
      'a page of more than 1,000',
      () => iam().send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 1_001 })),
      'ValidationError',
      400,
    ],
    [
      'an unknown granularity',
      () =>
        iam().send(
          new GenerateServiceLastAccessedDetailsCommand({ Arn: someRole().arn, Granularity: 'X' as 'ACTION_LEVEL' }),
        ),
      'ValidationError',
      400,
    ],
    [
      'an unknown filter',
      () => iam().send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Users' as 'User'] })),
      'ValidationError',
      400,
    ],
    ['a simulation of no action', () => iam().send(simulate(someRole().arn, [])), 'ValidationError', 400],
    [
      'a parameter that is not emulated',
      () =>
        iam().send(
          new SimulatePrincipalPolicyCommand({
            ...{ PolicySourceArn: someRole().arn, ActionNames: ['s3:GetObject'] },
            ResourcePolicy: '{}',
          }),
        ),
      'NotEmulated',
      400,
    ],
    ['a write', () => iam().send(new CreateUserCommand({ UserName: 'x' })), 'InvalidAction', 400],
  ])('%s', async (_name, send, name, status) => {
    await start();
    await expect(send()).rejects.toEqual(fault(name, status));
  });

  test('a policy that cannot be evaluated', async () => {
    await start();
    const role = someRole();
    const Condition = { StringMatches: { 'aws:PrincipalArn': 'x' } };
    role.inlinePolicies = [
      { name: 'odd', document: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition }] } },
    ];
    await expect(iam().send(simulate(role.arn))).rejects.toEqual(fault('PolicyEvaluationException', 500));
  });

  test('an action that is denied in one account is allowed in the other', async () => {
    await start({ denied: { [HUB]: ['iam:SimulatePrincipalPolicy'] } });
    await expect(iam().send(simulate(someRole().arn))).rejects.toEqual(fault('AccessDenied', 403));
    const member = iam(aws.emulation.issueUser(MEMBER, OPERATOR));
    await member.send(simulate([...accounts[1]!.roles.values()][0]!.arn));
  });

  test('an injected error occurs as often as configured', async () => {
    const error = { status: 409, code: 'LimitExceeded', message: 'Too many reports.', times: 1 };
    await start({ errors: [{ operation: 'iam:GenerateCredentialReport', ...error }] });
    const client = iam();
    await expect(client.send(new GenerateCredentialReportCommand({}))).rejects.toEqual(
      fault('LimitExceededException', 409),
    );
    await client.send(new GenerateCredentialReportCommand({}));
  });
});

describe('credentials', () => {
  const assume = (client: STSClient, options: Partial<AssumeRoleCommand['input']> = {}) =>
    client.send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`,
        RoleSessionName: 'audit',
        DurationSeconds: 900,
        ...options,
      }),
    );
  const credentialsOf = ({ Credentials }: Awaited<ReturnType<typeof assume>>): IssuedCredentials => ({
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });

  test('a session is valid in its account until it expires', async () => {
    await start();
    const issued = await assume(sts());
    expect(issued.Credentials!.Expiration).toEqual(new Date(START + 900_000));
    const session = sts(credentialsOf(issued));
    const identity = await session.send(new GetCallerIdentityCommand({}));
    expect([identity.Account, identity.Arn]).toEqual([
      MEMBER,
      `arn:aws:sts::${MEMBER}:assumed-role/${AUDIT_ROLE}/audit`,
    ]);
    clock.at += 900_000;
    const expired = session.send(new GetCallerIdentityCommand({}));
    await expect(expired).rejects.toEqual(fault('ExpiredToken', 403));
  });

  test('a role’s session can assume another role for at most one hour', async () => {
    await start();
    accounts[1]!.roles.get(AUDIT_ROLE)!.maxSessionDurationSeconds = 43_200;
    const chained = sts(aws.emulation.issueSession(HUB, 'iam-audit', START + 3_600_000));
    await expect(assume(chained, { DurationSeconds: 3_601 })).rejects.toEqual(fault('ValidationError', 400));
    await assume(chained, { DurationSeconds: 3_600 });
    await assume(sts(), { DurationSeconds: 43_200 });
  });

  test('the ExternalId of a trust policy is required', async () => {
    await start();
    accounts[1]!.roles.get(AUDIT_ROLE)!.trustPolicy = {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${HUB}:root` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'secret' } },
        },
      ],
    };
    await expect(assume(sts())).rejects.toEqual(fault('AccessDenied', 403));
    await expect(assume(sts(), { ExternalId: 'wrong' })).rejects.toEqual(fault('AccessDenied', 403));
    await assume(sts(), { ExternalId: 'secret' });
  });

  test('keys that were not issued are refused', async () => {
    await start();
    const unknownKeys = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' };
    await expect(sts(unknownKeys).send(new GetCallerIdentityCommand({}))).rejects.toEqual(
      fault('InvalidClientTokenId', 403),
    );
  });
});

describe('limits', () => {
  const simulate = () =>
    new SimulatePrincipalPolicyCommand({ PolicySourceArn: someRole().arn, ActionNames: ['s3:*x'] });
  const generate = () => new GenerateServiceLastAccessedDetailsCommand({ Arn: someRole().arn });
  const throttled = async (send: () => Promise<unknown>, calls: number): Promise<number> => {
    let count = 0;
    for (let n = 0; n < calls; n += 1) {
      await send().catch((error: unknown) => {
        if ((error as Error).name === 'Throttling') count += 1;
      });
    }
    return count;
  };

  test('an empty bucket returns Throttling as AWS does, and refills', async () => {
    await start({ limit: { rate: 2, size: 3 } });
    const client = iam();
    for (let n = 0; n < 3; n += 1) await client.send(generate());
    await expect(client.send(generate())).rejects.toMatchObject({
      name: 'Throttling',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    clock.at += 500;
    await client.send(generate());
    expect(aws.emulation.counters.get(`${HUB} iam:GenerateServiceLastAccessedDetails`)).toEqual({
      received: 5,
      throttled: 1,
      faulted: 0,
    });
  });

  test('each operation and each account has its own bucket', async () => {
    await start({ limit: { rate: 1, size: 2 }, limitOf: { 'iam:SimulatePrincipalPolicy': { rate: 1, size: 5 } } });
    const hub = iam();
    expect(await throttled(() => hub.send(generate()), 6)).toBe(4);
    expect(await throttled(() => hub.send(simulate()), 6)).toBe(1);
    const member = iam(aws.emulation.issueUser(MEMBER, OPERATOR));
    expect(await throttled(() => member.send(generate()), 2)).toBe(0);
  });

  test.each([
    ['member', 0],
    ['caller', 3],
  ] as const)('calls of an assumed role use the bucket of the %s', async (charge, expected) => {
    await start({ limit: { rate: 1, size: 3 }, charge });
    const assumed = async () => {
      const RoleArn = `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`;
      const { Credentials } = await sts().send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'audit' }));
      return iam({
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      });
    };
    const member = await assumed();
    const hub = iam();
    await throttled(() => hub.send(generate()), 3);
    expect(await throttled(() => member.send(generate()), 3)).toBe(expected);
  });

  test('other applications are throttled more often than without the audit', async () => {
    await start({ limit: { rate: 10, size: 5 }, bystanderShare: 0.5 });
    const client = iam();
    for (let n = 0; n < 300; n += 1) {
      clock.at += 50;
      await client.send(generate()).catch(() => undefined);
    }
    const { calls, throttled: lost, throttledAlone } = aws.emulation.bystanders();
    expect(calls).toBeGreaterThan(50);
    expect(lost).toBeGreaterThan(throttledAlone + 10);
  });

  test('with late answers a throttled call is answered later, and an accepted one at once', async () => {
    await start({ limit: { rate: 1, size: 2 }, disturbances: { lateMs: 700 } });
    const client = iam();
    const times: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      const before = clock.at;
      await client.send(generate()).catch(() => undefined);
      times.push(clock.at - before);
    }
    expect(times).toEqual([0, 0, 700]);
  });

  test('disturbances apply to every bucket, and add to the other application', async () => {
    await start({
      limit: { rate: 10, size: 50 },
      bystanderShare: 0.5,
      disturbances: { startsEmpty: true, bystanders: [always(1)] },
    });
    const client = iam();
    expect(await throttled(() => client.send(generate()), 3)).toBe(3);
    expect(await throttled(() => client.send(simulate()), 3)).toBe(3);
    clock.at += 10_000;
    // Two buckets of 10 calls a second, each with 1.5 times its rate for 10 s.
    const { calls } = aws.emulation.bystanders();
    expect(calls).toBeGreaterThan(240);
    expect(calls).toBeLessThan(360);
  });

  test('a halved rate takes effect at once', async () => {
    await start({ limit: { rate: 10, size: 1 } });
    const client = iam();
    const every100Ms = () => {
      clock.at += 100;
      return client.send(generate());
    };
    expect(await throttled(every100Ms, 20)).toBe(0);
    aws.emulation.setRate(5);
    expect(await throttled(every100Ms, 20)).toBe(10);
  });
});

describe('transient faults', () => {
  const send = () => iam().send(new GetAccountAuthorizationDetailsCommand({}));
  test.each([
    ['reset', { message: expect.stringContaining('ECONNRESET') as string }],
    ['serverError', { name: 'ServiceFailureException', $metadata: { httpStatusCode: 500 } }],
    ['badGateway', { $metadata: { httpStatusCode: 502 } }],
    ['unavailable', { $metadata: { httpStatusCode: 503 } }],
    ['silence', { name: 'TimeoutError' }],
  ])('%s', async (kind, expected) => {
    await start({ faults: { [kind]: 1 } });
    await expect(send()).rejects.toMatchObject(expected);
    expect(aws.emulation.counters.get(`${HUB} iam:GetAccountAuthorizationDetails`)?.faulted).toBe(1);
  });
});

test('5 % of the responses are faster than the configured range, and 5 % are slower', async () => {
  await start({ latencyMs: [80, 300] });
  const client = sts();
  const times: number[] = [];
  for (let n = 0; n < 400; n += 1) {
    const before = clock.at;
    await client.send(new GetCallerIdentityCommand({}));
    times.push(clock.at - before);
  }
  const share = (holds: (ms: number) => boolean): number => times.filter(holds).length / times.length;
  expect(share((ms) => ms < 80)).toBeGreaterThan(0.02);
  expect(share((ms) => ms < 80)).toBeLessThan(0.09);
  expect(share((ms) => ms > 300)).toBeGreaterThan(0.02);
  expect(share((ms) => ms > 300)).toBeLessThan(0.09);
});
