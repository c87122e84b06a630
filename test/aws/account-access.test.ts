import { SdkAccountAccess, type AccountAccessSettings } from '../../aws/account-access.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { seededRandom } from '../../local/seeded-random.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
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
  aws = await startEmulatedAws({ accounts, clock, random: seededRandom(1), limit: { rate: 1, size: 1 } });
  process.env.AWS_ENDPOINT_URL = aws.url;
});
afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL;
  await aws.close();
});

function access(settings: Partial<AccountAccessSettings> = {}): SdkAccountAccess {
  const credentials = aws.emulation.issueUser(HUB, OPERATOR);
  return new SdkAccountAccess(
    {
      credentials: () => Promise.resolve(credentials),
      memberRole: { roleName: AUDIT_ROLE, externalId: null },
      sessionName: 'iam-audit',
      region: 'us-east-1',
      ...settings,
    },
    clock,
  );
}
const assumed = (): number => aws.emulation.counters.get(`${HUB} sts:AssumeRole`)?.received ?? 0;

test('one AssumeRole serves an account for as long as its credentials outlast the work', async () => {
  const sessions = access();
  await sessions.open(MEMBER, 15 * MINUTE);
  await sessions.open(MEMBER, 15 * MINUTE);
  clock.at += 43 * MINUTE - 1_000;
  await sessions.open(MEMBER, 15 * MINUTE);
  expect(assumed()).toBe(1);
  // Less than the work and two minutes are left of the hour.
  clock.at += 2_000;
  await sessions.open(MEMBER, 15 * MINUTE);
  expect(assumed()).toBe(2);
});

test('credentials that AWS refused before their time are forgotten', async () => {
  const sessions = access();
  await sessions.open(MEMBER, MINUTE);
  sessions.discard(MEMBER);
  await sessions.open(MEMBER, MINUTE);
  expect(assumed()).toBe(2);
});

test('a role that can’t be assumed is denied, and asked for again the next time', async () => {
  const sessions = access({ memberRole: { roleName: 'none', externalId: null } });
  await expect(sessions.open(MEMBER, MINUTE)).rejects.toMatchObject({ kind: 'denied', code: 'AccessDenied' });
  await expect(sessions.open(MEMBER, MINUTE)).rejects.toMatchObject({ kind: 'denied' });
  expect(assumed()).toBe(2);
});

test('without a role only the own account can be audited', async () => {
  const sessions = access({ memberRole: null });
  await sessions.open(HUB, MINUTE);
  await expect(sessions.open(MEMBER, MINUTE)).rejects.toMatchObject({ code: 'AccessDenied' });
  expect([assumed(), await sessions.ownAccountId()]).toEqual([0, HUB]);
});

test('own credentials that have expired are said to have expired', async () => {
  const issued = aws.emulation.issueSession(HUB, 'iam-audit', START + 10 * MINUTE);
  const sessions = access({ memberRole: null, credentials: () => Promise.resolve(issued) });
  await sessions.open(HUB, MINUTE);
  clock.at += 11 * MINUTE;
  await expect(sessions.open(HUB, MINUTE)).rejects.toMatchObject({ kind: 'expired' });
});

test('a throttled call reaches the pacer after one request, and every request is counted', async () => {
  const { iam, calls } = await access().open(HUB, MINUTE);
  await iam.authorizationPage(['Group'], null);
  await expect(iam.authorizationPage(['Group'], null)).rejects.toMatchObject({ kind: 'throttled', code: 'Throttling' });
  expect(calls.work()['iam:GetAccountAuthorizationDetails']).toMatchObject({
    sent: 2,
    succeeded: 1,
    throttled: 1,
    failed: 0,
  });
});
