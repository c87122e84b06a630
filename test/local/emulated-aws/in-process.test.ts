import { SdkAccountAccess } from '../../../aws/account-access.ts';
import { iamReads } from '../../../core/contract/permissions.ts';
import { CallLedger } from '../../../core/ports/calls/call-ledger.ts';
import type { SessionRequest } from '../../../core/ports/iam.ts';
import { Emulation } from '../../../local/emulated-aws/emulation.ts';
import type { EmulatedAwsSettings } from '../../../local/emulated-aws/settings.ts';
import {
  addAuditRole,
  addOperator,
  AUDIT_ROLE,
  generateAccount,
  OPERATOR,
} from '../../../local/emulated-aws/generate/account.ts';
import { inProcess } from '../../../local/emulated-aws/in-process.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';

const HUB = '111122223333';
const MEMBER = '111122223334';
const START = Date.parse('2026-11-23T04:00:00Z');

const request = (): SessionRequest => ({
  accountId: MEMBER,
  runId: '20261123T040000Z-1a2b3c',
  actions: iamReads,
  workMs: 0,
  calls: new CallLedger(),
});

function emulate(settings: Partial<EmulatedAwsSettings> = {}) {
  const clock = new VirtualClock(START);
  const accounts = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n, accountId, users: 5, roles: 5, now: START });
    addAuditRole(account, HUB, START);
    if (accountId === HUB) addOperator(account, START);
    return account;
  });
  const emulation = new Emulation({ accounts, clock, random: seededRandom(1), limit: null, ...settings });
  const credentials = emulation.issueUser(HUB, OPERATOR);
  const access = new SdkAccountAccess(
    {
      credentials: () => Promise.resolve(credentials),
      memberRole: { roleName: AUDIT_ROLE, externalId: null },
      region: 'us-east-1',
      ...inProcess(emulation, clock),
    },
    clock,
  );
  const passed = (): number => clock.now() - START;
  return { clock, passed, emulation, access, arn: [...(accounts[1]?.roles.values() ?? [])][0]?.arn ?? '' };
}

test('a role is assumed and an account is read without a network', async () => {
  const { access, emulation } = emulate();
  const { iam } = await access.open(request());
  const { users, roles } = await iam.authorizationPage(['User', 'Role'], null);
  expect([users.length, roles.length]).toEqual([5, 6]);
  expect([...emulation.counters.keys()]).toEqual([
    `${HUB} sts:GetCallerIdentity`,
    `${HUB} sts:AssumeRole`,
    `${MEMBER} iam:GetAccountAuthorizationDetails`,
  ]);
});

test('a throttle and an error are reported as over HTTP', async () => {
  const { access, arn } = emulate({ limit: { rate: 0.001, size: 1 }, limitOf: {} });
  const { iam } = await access.open(request());
  await iam.requestLastAccessed(arn);
  await expect(iam.requestLastAccessed(arn)).rejects.toMatchObject({ kind: 'throttled', code: 'Throttling' });
  await expect(iam.simulationPage(`${arn}-none`, ['s3:GetObject'], [], null)).rejects.toMatchObject({
    kind: 'missing',
    code: 'NoSuchEntity',
  });
});

test('latency takes virtual time; signing, parsing and the SDK’s backoff take none', async () => {
  const { clock, passed, access, arn } = emulate({ latencyMs: [100, 100], faults: { reset: 0.2 } });
  const { iam, calls } = await access.open(request());
  const opened = passed();
  // GetCallerIdentity, AssumeRole for 12 hours, which the role refuses, and AssumeRole for one hour.
  expect(opened).toBeCloseTo(300);
  // A short sleep in a loop: it would end at once if time passed during signing or parsing.
  const end = new AbortController();
  const ticking = (async () => {
    while (!end.signal.aborted) await clock.sleep(7);
  })();
  const trips = await Promise.all(
    Array.from({ length: 50 }, async () => {
      await iam.simulationPage(arn, ['s3:GetObject', 's3:PutObject'], [], null);
      return (passed() - opened) / 100;
    }),
  );
  end.abort();
  await ticking;
  for (const number of trips) expect(number).toBeCloseTo(Math.round(number));
  const sum = trips.reduce((total, number) => total + Math.round(number), 0);
  expect(sum).toBeGreaterThan(50);
  expect(calls.sent('iam:SimulatePrincipalPolicy')).toBe(sum);
});

test('a request with a broken connection is retried, and fails if every retry breaks too', async () => {
  const { access } = emulate({ faults: { reset: 1 } });
  const { iam, calls } = await access.open(request());
  await expect(iam.credentialReport()).rejects.toMatchObject({ kind: 'transient', code: 'ECONNRESET' });
  expect(calls.sent('iam:GetCredentialReport')).toBe(6);
});

test('a request without a response ends after the timeout, in virtual time', async () => {
  const { access, passed } = emulate({ faults: { silence: 1 } });
  const { iam } = await access.open(request());
  const before = performance.now();
  await expect(iam.credentialReport()).rejects.toMatchObject({ kind: 'transient', code: 'TimeoutError' });
  expect(passed()).toBe(6 * 30_000);
  expect(performance.now() - before).toBeLessThan(20_000);
});
