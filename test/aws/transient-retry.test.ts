import { SdkAccountAccess } from '../../aws/account-access.ts';
import { iamReads } from '../../core/contract/permissions.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import type { IamReader } from '../../core/ports/iam.ts';
import type { InjectedError } from '../../local/emulated-aws/settings.ts';
import { generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { systemClock } from '../../local/system-clock.ts';
import { seededRandom } from '../../local/seeded-random.ts';

const ACCOUNT = '111122223333';
const ARN = `arn:aws:iam::${ACCOUNT}:user/${OPERATOR}`;
let aws: EmulatedAws;
afterEach(() => aws.close());

async function open(errors: readonly InjectedError[]): Promise<{ iam: IamReader; calls: CallLedger }> {
  const accounts = [generateAccount({ seed: 1, accountId: ACCOUNT, users: 1, roles: 1, now: systemClock.now() })];
  aws = await startEmulatedAws({ accounts, clock: systemClock, random: seededRandom(1), limit: null, errors });
  const issued = aws.emulation.issueUser(ACCOUNT, OPERATOR);
  const access = new SdkAccountAccess(
    {
      credentials: () => Promise.resolve(issued),
      memberRole: null,
      region: 'us-east-1',
      endpoint: aws.url,
    },
    systemClock,
  );
  const runId = '20261123T040000Z-1a2b3c';
  return access.open({ accountId: ACCOUNT, runId, actions: iamReads, workMs: 1_000, calls: new CallLedger() });
}

const received = (operation: string): number =>
  aws.emulation.counters.get(`${ACCOUNT} iam:${operation}`)?.received ?? 0;

test.each<[string, (iam: IamReader) => Promise<unknown>]>([
  ['GetAccountAuthorizationDetails', (iam) => iam.authorizationPage(['Group'], null)],
  ['GenerateServiceLastAccessedDetails', (iam) => iam.requestLastAccessed(ARN)],
  ['GetServiceLastAccessedDetails', (iam) => iam.lastAccessedPage('0'.repeat(36), null)],
  ['SimulatePrincipalPolicy', (iam) => iam.simulationPage(ARN, ['s3:GetObject'], [], null)],
  ['GenerateCredentialReport', (iam) => iam.requestCredentialReport()],
  ['GetCredentialReport', (iam) => iam.credentialReport()],
  ['GetAccountPasswordPolicy', (iam) => iam.passwordPolicy()],
])(
  'a throttled %s is not retried by the SDK: one request, and the caller gets the throttle',
  async (operation, call) => {
    const { iam, calls } = await open([
      { operation: `iam:${operation}`, status: 400, code: 'Throttling', message: 'Rate exceeded' },
    ]);
    await expect(call(iam)).rejects.toMatchObject({ kind: 'throttled', code: 'Throttling' });
    expect(received(operation)).toBe(1);
    expect(calls.work()[`iam:${operation}`]).toMatchObject({ sent: 1, throttled: 1, failed: 0 });
  },
);

test.each([
  ['ThrottlingException', 400],
  ['RequestLimitExceeded', 503],
  ['TooManyRequestsException', 429],
  ['RequestThrottled', 400],
])('every name that AWS has for a throttle counts as a throttle: %s, HTTP %i', async (code, status) => {
  const { iam } = await open([{ operation: 'iam:SimulatePrincipalPolicy', status, code, message: 'Rate exceeded' }]);
  await expect(iam.simulationPage(ARN, ['s3:GetObject'], [], null)).rejects.toMatchObject({ kind: 'throttled' });
  expect(received('SimulatePrincipalPolicy')).toBe(1);
});

test('the SDK retries a transient error, and each attempt is counted', async () => {
  const fault = { status: 500, code: 'ServiceFailure', message: 'An unknown error.' };
  const { iam, calls } = await open([{ operation: 'iam:GetAccountAuthorizationDetails', times: 2, ...fault }]);
  await iam.authorizationPage(['Group'], null);
  expect(calls.work()['iam:GetAccountAuthorizationDetails']).toMatchObject({
    sent: 3,
    succeeded: 1,
    throttled: 0,
    failed: 2,
  });
});
