import { STSClient } from '@aws-sdk/client-sts';
import { SdkAccountAccess, type AccountAccessSettings } from '../../aws/account-access.ts';
import { assumeRoleFault } from '../../aws/assume-role-fault.ts';
import { roleCredentials } from '../../aws/role-credentials.ts';
import { sessionPolicy } from '../../aws/session-policy.ts';
import { iamReads, iamReadsByState } from '../../core/contract/permissions.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import type { AccountSession, SessionRequest } from '../../core/ports/iam.ts';
import { reportedCalls } from '../../core/cost/reported-calls.ts';
import type { EmulatedRole } from '../../local/emulated-aws/account.ts';
import type { RecordedCall } from '../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { Emulation } from '../../local/emulated-aws/emulation.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../local/emulated-aws/generate/account.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const RUN = '20261123T040000Z-1a2b3c';
const START = Date.parse('2026-11-23T04:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ASSUME = 'sts:AssumeRole';

interface Setting {
  readonly emulated?: Partial<EmulatedAwsSettings>;
  readonly access?: Partial<AccountAccessSettings>;
  /** The caller: a user with long-term keys, or a function's role. Default: the function. */
  readonly caller?: 'user' | 'function';
  readonly role?: Partial<EmulatedRole>;
}

function world({ emulated, access: own, caller, role }: Setting = {}) {
  const clock = new VirtualClock(START);
  const accounts = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n, accountId, users: 2, roles: 2, now: START });
    addAuditRole(account, HUB, START);
    if (accountId === HUB) addOperator(account, START);
    return account;
  });
  const auditRole = accounts[1]!.roles.get(AUDIT_ROLE)!;
  accounts[1]!.roles.set(AUDIT_ROLE, { ...auditRole, ...role });
  const recorded: RecordedCall[] = [];
  const emulation = new Emulation({
    accounts,
    clock,
    random: seededRandom(1),
    limit: null,
    latencyMs: [100, 100],
    cloudTrail: (call) => recorded.push(call),
    ...emulated,
  });
  const credentials =
    caller === 'user' ? emulation.issueUser(HUB, OPERATOR) : emulation.issueSession(HUB, 'function', START + 48 * HOUR);
  const wire = inProcess(emulation, clock);
  const access = new SdkAccountAccess(
    {
      credentials: () => Promise.resolve(credentials),
      memberRole: { roleName: AUDIT_ROLE, externalId: null },
      region: 'us-east-1',
      random: () => 0.5,
      ...wire,
      ...own,
    },
    clock,
  );
  const open = (request: Partial<SessionRequest> = {}): Promise<AccountSession> =>
    access.open({
      accountId: MEMBER,
      runId: RUN,
      actions: iamReadsByState['audit-batch'],
      workMs: 15 * MINUTE,
      calls: new CallLedger(),
      ...request,
    });
  const received = (operation = ASSUME): number => emulation.counters.get(`${HUB} ${operation}`)?.received ?? 0;
  const requests = () =>
    recorded.filter(({ operation }) => operation === 'AssumeRole').map(({ parameters }) => parameters ?? {});
  return { clock, accounts, emulation, credentials, wire, access, open, received, requests };
}

describe('the cache', () => {
  test('concurrent callers share one call in flight, and one GetCallerIdentity', async () => {
    const { open, received } = world();
    const calls = new CallLedger();
    const sessions = await Promise.all(Array.from({ length: 20 }, () => open({ calls })));
    expect([received(), received('sts:GetCallerIdentity')]).toEqual([1, 1]);
    expect(sessions).toHaveLength(20);
    expect(calls.work()[ASSUME]).toMatchObject({ sent: 1, succeeded: 1, avoided: 19 });
  });

  test('concurrent callers share the error too', async () => {
    const { open, received } = world({ access: { memberRole: { roleName: 'none', externalId: null } } });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => open()));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(20);
    expect(received()).toBe(1);
  });

  test('concurrent callers share the renewal of credentials that are not valid long enough', async () => {
    const { open, received, clock } = world();
    await open();
    await clock.sleep(50 * MINUTE);
    await Promise.all(Array.from({ length: 10 }, () => open()));
    expect(received()).toBe(2);
  });

  test('another account, state or run has its own session', async () => {
    const { open, received } = world();
    await open();
    await open({ accountId: HUB });
    expect(received()).toBe(2);
    await open({ actions: iamReadsByState['summarise-account'] });
    expect(received()).toBe(3);
    await open({ runId: '20261124T040000Z-1a2b3c' });
    expect(received()).toBe(4);
    await open();
    expect(received()).toBe(4);
  });

  test('a rejected session is discarded once, and not the session that replaced it', async () => {
    const { access, open, received } = world();
    const [first, second] = [await open(), await open()];
    access.discard(first);
    await open();
    access.discard(second);
    await open();
    expect(received()).toBe(2);
  });

  test('run.json reports calls made and calls that the cache avoided', async () => {
    const { open } = world();
    const calls = new CallLedger();
    for (let n = 0; n < 4; n += 1) await open({ calls });
    expect(reportedCalls(calls.work())[ASSUME]).toMatchObject({
      sent: 1,
      succeeded: 1,
      throttled: 0,
      failed: 0,
      saved: 3,
    });
  });
});

describe('the request', () => {
  test('has the run’s ID as session name, one hour for role chaining, and the session policy of the state', async () => {
    const { open, requests } = world({ role: { maxSessionDurationSeconds: 43_200 } });
    await open();
    expect(requests()).toEqual([
      {
        roleArn: `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`,
        roleSessionName: RUN,
        durationSeconds: 3_600,
        policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: iamReadsByState['audit-batch'], Resource: '*' }],
        }),
      },
    ]);
  });

  test('has the external ID, source identity and tags of the settings', async () => {
    const { open, requests, accounts, emulation } = world({
      access: {
        memberRole: { roleName: AUDIT_ROLE, externalId: 'secret' },
        sourceIdentity: 'iam-audit',
        sessionTags: { team: 'security' },
      },
    });
    const condition = { StringEquals: { 'sts:ExternalId': 'secret', 'sts:SourceIdentity': 'iam-audit' } };
    accounts[1]!.roles.get(AUDIT_ROLE)!.trustPolicy = trust({ AWS: `arn:aws:iam::${HUB}:root` }, condition, 'sts:*');
    await open();
    expect(requests()[0]).toMatchObject({ externalId: 'secret', sourceIdentity: 'iam-audit' });
    expect(requests()[0]).toMatchObject({ tags: [{ key: 'team', value: 'security' }] });
    expect(emulation.counters.get(`${HUB} ${ASSUME}`)?.received).toBe(1);
  });

  test('with long-term keys, asks for twelve hours, and uses them', async () => {
    const { open, requests, clock, received } = world({ caller: 'user', role: { maxSessionDurationSeconds: 43_200 } });
    await open();
    await clock.sleep(11 * HOUR);
    await open();
    expect(requests().map(({ durationSeconds }) => durationSeconds)).toEqual([43_200]);
    expect(received()).toBe(1);
  });

  test('with long-term keys, a role that refuses twelve hours is asked for one hour from then on', async () => {
    const { open, requests } = world({ caller: 'user' });
    const calls = new CallLedger();
    await open({ calls });
    await open({ accountId: HUB, calls });
    expect(requests().map(({ durationSeconds }) => durationSeconds)).toEqual([43_200, 3_600, 3_600]);
    expect(calls.work()[ASSUME]).toMatchObject({ sent: 3, succeeded: 2, failed: 1 });
  });

  test('another ValidationError is not taken for one about the duration', async () => {
    const { open, requests } = world({ caller: 'user', access: { sourceIdentity: 'not valid' } });
    for (const _ of [1, 2]) await expect(open()).rejects.toMatchObject({ code: 'ValidationError' });
    expect(requests().map(({ durationSeconds }) => durationSeconds)).toEqual([43_200, 3_600, 43_200, 3_600]);
  });
});

describe('the session policy', () => {
  test.each(Object.entries(iamReadsByState))('allows the calls of %s and no others', async (_state, actions) => {
    const { open, accounts } = world();
    const { iam } = await open({ actions });
    const { arn } = [...accounts[1]!.roles.values()][0]!;
    const calls: Readonly<Record<(typeof iamReads)[number], () => Promise<unknown>>> = {
      'iam:GetAccountAuthorizationDetails': () => iam.authorizationPage(['Group'], null),
      'iam:GetAccountPasswordPolicy': () => iam.passwordPolicy(),
      'iam:GenerateServiceLastAccessedDetails': () => iam.requestLastAccessed(arn),
      'iam:GetServiceLastAccessedDetails': () => iam.lastAccessedPage('0'.repeat(36), null),
      'iam:SimulatePrincipalPolicy': () => iam.simulationPage(arn, ['s3:GetObject'], [], null),
      'iam:GenerateCredentialReport': () => iam.requestCredentialReport(),
      'iam:GetCredentialReport': () => iam.credentialReport(),
    };
    const allowed: string[] = [];
    for (const [action, call] of Object.entries(calls)) {
      const error = await call().then(
        () => null,
        (fault: unknown) => fault as AwsFault,
      );
      if (error?.kind !== 'denied') allowed.push(action);
      else expect(error.message).toContain(`because no session policy allows the ${action} action`);
    }
    expect(allowed.sort()).toEqual([...actions].sort());
  });

  test('the states together call every read action of the audit, and nothing else', () => {
    expect([...new Set(Object.values(iamReadsByState).flat())].sort()).toEqual([...iamReads].sort());
  });

  test('is far below AWS’s maximum, and one above it is an error before the call', () => {
    for (const actions of Object.values(iamReadsByState)) expect(sessionPolicy(actions).length).toBeLessThan(300);
    expect(() => sessionPolicy(Array.from({ length: 100 }, (_, n) => `iam:GetSomething${n}`))).toThrow('2048');
  });
});

describe('throttling of STS', () => {
  const throttle = (times: number): Partial<EmulatedAwsSettings> => ({
    errors: [{ operation: ASSUME, status: 400, code: 'Throttling', message: 'Rate exceeded', times }],
  });

  test('is retried after a random part of 1, 2, 4 … seconds, and counted', async () => {
    const { open, clock } = world({ emulated: throttle(3) });
    const calls = new CallLedger();
    await open({ calls });
    expect(calls.work()[ASSUME]).toMatchObject({ sent: 4, succeeded: 1, throttled: 3, failed: 0 });
    // GetCallerIdentity and four calls of 100 ms, and half of 1, 2 and 4 seconds.
    expect(clock.now() - START).toBeCloseTo(500 + 3_500, -1);
  });

  test('that does not end is named as throttling, after six attempts', async () => {
    const { open } = world({ emulated: throttle(100) });
    const calls = new CallLedger();
    await expect(open({ calls })).rejects.toMatchObject({ kind: 'throttled', code: 'Throttling' });
    expect(calls.work()[ASSUME]).toMatchObject({ sent: 6, throttled: 6 });
  });

  test('the whole range of the jitter is used', async () => {
    for (const [random, ms] of [
      [0, 0],
      [1, 1_000],
    ] as const) {
      const { open, clock } = world({ emulated: throttle(1), access: { random: () => random } });
      await open();
      expect(clock.now() - START).toBeCloseTo(300 + ms, -1);
    }
  });
});

describe('the reason why a role could not be assumed', () => {
  test.each<[string, Partial<Setting>]>([
    ['the role does not exist', { access: { memberRole: { roleName: 'none', externalId: null } } }],
    ['the role trusts somebody else', { role: { trustPolicy: trust({ AWS: 'arn:aws:iam::999988887777:root' }) } }],
    [
      'the external ID is missing',
      { role: { trustPolicy: trust({ AWS: HUB }, { StringEquals: { 'sts:ExternalId': 'x1' } }) } },
    ],
  ])('%s: AWS gives one answer, so the message names the three causes and the command', async (_name, setting) => {
    const roleName = setting.access?.memberRole?.roleName ?? AUDIT_ROLE;
    const error: unknown = await world(setting)
      .open()
      .catch((fault: unknown) => fault);
    expect(error).toMatchObject({
      kind: 'denied',
      code: 'AssumeRoleDenied',
      message: `Account ${MEMBER}: role ${roleName} is missing, does not trust the caller, or needs another external ID (AWS does not say which). Check there: aws iam get-role --role-name ${roleName}`,
    });
    expect((error as Error).message.length).toBeLessThanOrEqual(200);
  });

  test('if AWS names the policy that decided, the message has it', () => {
    const arn = `arn:aws:iam::${MEMBER}:role/audit/reader`;
    const by = (reason: string): string =>
      assumeRoleFault(
        new AwsFault(
          'denied',
          'AccessDenied',
          `User: x is not authorized to perform: sts:AssumeRole on resource: ${arn} ${reason}`,
        ),
        arn,
      ).message;
    expect(by('because no identity-based policy allows the sts:AssumeRole action')).toBe(
      `Account ${MEMBER}: the caller may not assume role audit/reader: because no identity-based policy allows the sts:AssumeRole action`,
    );
    expect(by('with an explicit deny in a service control policy')).toContain(
      'with an explicit deny in a service control',
    );
  });

  test('a Region in which the account has not activated STS, and credentials that have expired, have their own codes', async () => {
    const disabled = world({ emulated: { inactiveStsRegions: { [MEMBER]: ['us-east-1'] } } });
    await expect(disabled.open()).rejects.toMatchObject({ code: 'RegionDisabledException' });
    const expired = world();
    await expired.open({ accountId: HUB });
    await expired.clock.sleep(49 * HOUR);
    await expect(expired.open()).rejects.toMatchObject({ kind: 'expired', code: 'ExpiredToken' });
  });
});

describe('credentials of a role for SDK clients (--role-arn)', () => {
  const request = {
    roleArn: `arn:aws:iam::${MEMBER}:role/${AUDIT_ROLE}`,
    externalId: null,
    sessionName: 'iam-audit',
    policy: null,
  };

  test('all clients together call AssumeRole once', async () => {
    const { clock, credentials, wire, received } = world();
    const settings = { credentials: () => Promise.resolve(credentials), region: 'us-east-1', ...wire };
    const provider = roleCredentials(request, settings, clock);
    const clients = [1, 2, 3].map(() => new STSClient({ region: 'us-east-1', credentials: provider }));
    const keys = await Promise.all(clients.map(({ config }) => config.credentials()));
    expect(new Set(keys.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
    expect(received()).toBe(1);
  });

  test('AWS’s error comes out with its reason, through the client that asked', async () => {
    const { clock, credentials, wire } = world();
    const settings = { credentials: () => Promise.resolve(credentials), region: 'us-east-1', ...wire };
    const provider = roleCredentials({ ...request, roleArn: `arn:aws:iam::${MEMBER}:role/none` }, settings, clock);
    const { transport } = wire;
    const own = { credentials: provider, memberRole: null, region: 'us-east-1', transport };
    const access = new SdkAccountAccess(own, clock);
    await expect(access.callerIdentity()).rejects.toMatchObject({
      code: 'AssumeRoleDenied',
      message: expect.stringContaining('role none is missing, does not trust the caller') as string,
    });
  });
});
