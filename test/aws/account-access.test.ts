import { SdkAccountAccess, type AccountAccessSettings } from '../../aws/account-access.ts';
import { regionDisabled } from '../../aws/region-disabled.ts';
import { iamReads } from '../../core/contract/permissions.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import type { AccountSession, SessionRequest } from '../../core/ports/iam.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount } from '../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { seededRandom } from '../../local/seeded-random.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const RUN = '20261123T040000Z-1a2b3c';
const START = Date.parse('2026-11-23T04:00:00Z');
const MINUTE = 60_000;
const clock = { at: START, now: () => clock.at, sleep: () => Promise.resolve() };
let aws: EmulatedAws;

beforeEach(async () => {
  clock.at = START;
  const accounts = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n, accountId, users: 1, roles: 1, now: START });
    addAuditRole(account, HUB, START);
    return account;
  });
  aws = await startEmulatedAws({
    accounts,
    clock,
    random: seededRandom(1),
    limit: { rate: 1, size: 1 },
    inactiveStsRegions: { [MEMBER]: ['ap-southeast-3'] },
  });
  process.env.AWS_ENDPOINT_URL = aws.url;
});
afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL;
  delete process.env.AWS_ENDPOINT_URL_STS;
  await aws.close();
});

function access(settings: Partial<AccountAccessSettings> = {}): SdkAccountAccess {
  // As in a Lambda function, where AssumeRole is role chaining.
  const credentials = aws.emulation.issueSession(HUB, 'hub', START + 24 * 60 * MINUTE);
  return new SdkAccountAccess(
    {
      credentials: () => Promise.resolve(credentials),
      memberRole: { roleName: AUDIT_ROLE, externalId: null },
      region: 'us-east-1',
      ...settings,
    },
    clock,
  );
}
const open = (
  sessions: SdkAccountAccess,
  accountId: string,
  workMs: number,
  request: Partial<SessionRequest> = {},
): Promise<AccountSession> =>
  sessions.open({ accountId, runId: RUN, actions: iamReads, workMs, calls: new CallLedger(), ...request });
const assumed = (): number => aws.emulation.counters.get(`${HUB} sts:AssumeRole`)?.received ?? 0;

test('one AssumeRole is enough for an account while its credentials are valid longer than the work', async () => {
  const sessions = access();
  await open(sessions, MEMBER, 15 * MINUTE);
  await open(sessions, MEMBER, 15 * MINUTE);
  clock.at += 43 * MINUTE - 1_000;
  await open(sessions, MEMBER, 15 * MINUTE);
  expect(assumed()).toBe(1);
  // The time left of the hour is less than the work and two minutes.
  clock.at += 2_000;
  await open(sessions, MEMBER, 15 * MINUTE);
  expect(assumed()).toBe(2);
});

test('credentials that AWS rejected before their expiration are removed from the cache', async () => {
  const sessions = access();
  sessions.discard(await open(sessions, MEMBER, MINUTE));
  await open(sessions, MEMBER, MINUTE);
  expect(assumed()).toBe(2);
});

test('a role that can’t be assumed is reported as denied, and AssumeRole is called again the next time', async () => {
  const sessions = access({ memberRole: { roleName: 'none', externalId: null } });
  await expect(open(sessions, MEMBER, MINUTE)).rejects.toMatchObject({ kind: 'denied', code: 'AssumeRoleDenied' });
  await expect(open(sessions, MEMBER, MINUTE)).rejects.toMatchObject({ kind: 'denied' });
  expect(assumed()).toBe(2);
});

test('without a role only the caller’s own account can be audited', async () => {
  const sessions = access({ memberRole: null });
  await open(sessions, HUB, MINUTE);
  await expect(open(sessions, MEMBER, MINUTE)).rejects.toMatchObject({ code: 'AccessDenied' });
  expect([assumed(), await sessions.ownAccountId()]).toEqual([0, HUB]);
});

test('expired own credentials are reported as expired', async () => {
  const issued = aws.emulation.issueSession(HUB, 'iam-audit', START + 10 * MINUTE);
  const sessions = access({ memberRole: null, credentials: () => Promise.resolve(issued) });
  await open(sessions, HUB, MINUTE);
  clock.at += 11 * MINUTE;
  await expect(open(sessions, HUB, MINUTE)).rejects.toMatchObject({ kind: 'expired' });
});

test('a throttled call reaches the pacer after one request, and every request is counted', async () => {
  const { iam, calls } = await open(access(), HUB, MINUTE);
  await iam.authorizationPage(['Group'], null);
  await expect(iam.authorizationPage(['Group'], null)).rejects.toMatchObject({ kind: 'throttled', code: 'Throttling' });
  expect(calls.work()['iam:GetAccountAuthorizationDetails']).toMatchObject({
    sent: 2,
    succeeded: 1,
    throttled: 1,
    failed: 0,
  });
});

describe('the STS Region', () => {
  const HERE = { region: 'ap-southeast-3' };

  test.each([
    [{}, 'set stsRegion to a Region that is active in all accounts, such as us-east-1,'],
    [{ stsRegionOption: '--region' }, 'set --region to a Region that is active in all accounts, such as us-east-1,'],
  ])(
    'that an account has not activated: the error has AWS’s code, the account, the Region and what to do: %j',
    async (option, remedy) => {
      const opening = open(access({ ...HERE, ...option }), MEMBER, MINUTE);
      await expect(opening).rejects.toMatchObject({
        kind: 'denied',
        code: 'RegionDisabledException',
        message: `STS in ap-southeast-3 is not activated for account ${MEMBER}: ${remedy} or activate ap-southeast-3 in that account.`,
      });
    },
  );

  test('may differ from the Region of the other clients: the session opens and the caller is known', async () => {
    const sessions = access({ ...HERE, stsRegion: 'us-east-1' });
    await open(sessions, MEMBER, MINUTE);
    expect(await sessions.ownAccountId()).toBe(HUB);
    await expect(access(HERE).ownAccountId()).resolves.toBe(HUB);
  });

  test.each([
    ['us-gov-east-1', 'us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    // The Regional endpoint is also used in us-east-1, the Region of the global endpoint.
    ['ap-southeast-3', 'us-east-1', 'sts.us-east-1.amazonaws.com', 'us-east-1'],
    ['eu-west-1', 'eu-central-1', 'sts.eu-central-1.amazonaws.com', 'us-east-1'],
  ])('applies only to STS: in %s with STS of %s', async (region, stsRegion, stsHost, organizationsRegion) => {
    const sent: string[] = [];
    const transport = {
      handle: (request: { headers: Record<string, string>; hostname: string }) => {
        const [, signed] = /\/\d{8}\/([^/]+)\//.exec(request.headers.authorization!)!;
        sent.push(`${request.hostname} ${signed!}`);
        return Promise.reject(Object.assign(new Error('stopped'), { name: 'Stopped' }));
      },
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    } as unknown as NonNullable<AccountAccessSettings['transport']>;
    delete process.env.AWS_ENDPOINT_URL;
    const sessions = access({ region, stsRegion, transport });
    await expect(sessions.callerIdentity()).rejects.toMatchObject({ message: 'stopped' });
    await expect(sessions.organization().organization.describe()).rejects.toMatchObject({ message: 'stopped' });
    expect([...new Set(sent)]).toEqual([
      `${stsHost} ${stsRegion}`,
      `organizations.${organizationsRegion}.amazonaws.com ${organizationsRegion}`,
    ]);
  });

  test('AWS_ENDPOINT_URL_STS sets the endpoint for every Region', async () => {
    process.env.AWS_ENDPOINT_URL_STS = aws.url;
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    const sessions = access({ ...HERE, stsRegion: 'us-east-1' });
    expect(await sessions.ownAccountId()).toBe(HUB);
  });
});

test.each([
  ['us-gov-east-1', 'such as us-gov-west-1'],
  ['cn-northwest-1', 'such as cn-north-1'],
  ['us-isof-south-1', 'all accounts, or activate'],
  ['ap-southeast-99', 'such as us-east-1'],
])('the message fits the length that the workflow keeps: %s', (region, text) => {
  const fault = new AwsFault('denied', 'RegionDisabledException', 'x');
  const { message } = regionDisabled(fault, { accountId: MEMBER, region, option: 'stsRegion' });
  expect(message).toContain(text);
  expect(message.length).toBeLessThanOrEqual(200);
});
