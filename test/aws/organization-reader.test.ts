import { SdkAccountAccess } from '../../aws/account-access.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import type { OrganizationSession } from '../../core/ports/organization-reader.ts';
import { readOrganization } from '../../core/organization/read-organization.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { startEmulatedAws, type EmulatedAws } from '../../local/emulated-aws/server.ts';
import { seededRandom } from '../../local/seeded-random.ts';

const HUB = '111122223333';
const MEMBERS = Array.from({ length: 27 }, (_, n) => String(111_122_224_000 + n));
const START = Date.parse('2026-11-23T04:00:00Z');
const clock = {
  at: START,
  now: () => clock.at,
  sleep: (ms: number) => {
    clock.at += ms;
    return Promise.resolve();
  },
};
const everything = policy(allow('*'));

let aws: EmulatedAws | null = null;
afterEach(async () => {
  delete process.env.AWS_ENDPOINT_URL_ORGANIZATIONS;
  await aws?.close();
  aws = null;
});

/** A session of the hub. Only the SDK's own environment variable sets the endpoint. */
async function session(
  settings: Partial<EmulatedAwsSettings> = {},
  accountIds: readonly string[] = [HUB, ...MEMBERS],
): Promise<OrganizationSession> {
  clock.at = START;
  const accounts = accountIds.map((accountId, n) => {
    const account = generateAccount({ seed: n, accountId, users: 0, roles: 0, now: START });
    if (accountId !== HUB) account.serviceControlPolicies = [[everything], [everything], [everything]];
    return account;
  });
  aws = await startEmulatedAws({ accounts, clock, random: seededRandom(1), limit: null, ...settings });
  process.env.AWS_ENDPOINT_URL_ORGANIZATIONS = aws.url;
  const credentials = aws.emulation.issueUser(HUB, OPERATOR);
  return new SdkAccountAccess(
    { credentials: () => Promise.resolve(credentials), memberRole: null, region: 'eu-west-1' },
    clock,
  ).organization();
}

const read = async ({ organization }: OrganizationSession) =>
  (
    await readOrganization(
      organization,
      { clock, random: seededRandom(2), remainingMs: () => 900_000 },
      () => undefined,
      () => Promise.resolve(null),
    )
  ).organization;

test('all pages of an organization are read, including empty ones, and every request is in the ledger', async () => {
  const opened = await session({ behaviour: { largestPage: 3, randomPages: true } });
  const organization = await read(opened);
  expect(organization).toMatchObject({
    membership: 'member',
    organizationId: 'o-exampleorg',
    managementAccountId: HUB,
    problems: [],
  });
  expect(organization.accounts?.map(({ accountId }) => accountId)).toEqual([HUB, ...MEMBERS]);
  const hashes = organization.accounts!.map(({ serviceControlPolicies }) => serviceControlPolicies?.hash);
  expect([hashes[0], new Set(hashes.slice(1)).size]).toEqual(['none', 1]);
  for (const [operation, { sent }] of Object.entries(opened.calls.work())) {
    expect([operation, sent]).toEqual([operation, aws!.emulation.counters.get(`${HUB} ${operation}`)?.received]);
  }
  expect(Object.keys(opened.calls.work()).sort()).toEqual([
    'organizations:DescribeOrganization',
    'organizations:DescribePolicy',
    'organizations:ListAccounts',
    'organizations:ListChildren',
    'organizations:ListOrganizationalUnitsForParent',
    'organizations:ListPolicies',
    'organizations:ListRoots',
    'organizations:ListTargetsForPolicy',
  ]);
});

test('a single account without SCPs is in no organization', async () => {
  const { organization, calls } = await session({}, [HUB]);
  expect(await organization.describe()).toBeNull();
  // This is a valid response, not a failure.
  expect(calls.work()['organizations:DescribeOrganization']).toMatchObject({ sent: 1, succeeded: 1, failed: 0 });
});

test.each([
  [{ hasStateField: true }, 'PENDING_CLOSURE'],
  [{ hasStateField: false }, 'PENDING_CLOSURE'],
])('an account’s state is its State, or its Status if State is missing: %j', async (tells, expected) => {
  const [member = ''] = MEMBERS;
  const settings = { organization: { ...tells, states: { [member]: 'PENDING_CLOSURE' as const } } };
  const { organization } = await session(settings, [HUB, member]);
  expect((await organization.accountsPage(null)).items).toEqual([
    { accountId: HUB, name: `account ${HUB}`, state: 'ACTIVE' },
    { accountId: member, name: `account ${member}`, state: expected },
  ]);
});

test('a member account that is not a delegated administrator can read only its organization’s IDs', async () => {
  const [member = ''] = MEMBERS;
  const settings = { organization: { managementAccountId: member, delegatedAdministrators: [] } };
  const { organization } = await session(settings, [HUB, member]);
  expect(await organization.describe()).toEqual({ organizationId: 'o-exampleorg', managementAccountId: member });
  await expect(organization.accountsPage(null)).rejects.toMatchObject({ kind: 'denied', code: 'AccessDenied' });
});

test.each<[string, Partial<EmulatedAwsSettings>, Partial<AwsFault>]>([
  [
    'a throttle fails at once',
    { limit: null, limitOf: { 'organizations:ListRoots': { rate: 0.001, size: 0 } } },
    { kind: 'throttled', code: 'TooManyRequests' },
  ],
  ['a denial', { denied: { [HUB]: ['organizations:ListRoots'] } }, { kind: 'denied', code: 'AccessDenied' }],
  [
    'an error of its own',
    {
      errors: [
        { operation: 'organizations:ListRoots', status: 400, code: 'UnsupportedAPIEndpointException', message: 'No.' },
      ],
    },
    { kind: 'other', code: 'UnsupportedAPIEndpoint', message: 'No.' },
  ],
])('errors are translated to AwsFault: %s', async (_, settings, expected) => {
  const { organization, calls } = await session(settings);
  const fault: unknown = await organization.rootsPage(null).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(AwsFault);
  expect(fault).toMatchObject(expected);
  expect(calls.sent('organizations:ListRoots')).toBe(1);
});

test('a server error is retried, and both requests are counted', async () => {
  const errors = [
    { operation: 'organizations:ListRoots', status: 500, code: 'ServiceFailure', message: 'Oh.', times: 1 },
  ];
  const { organization, calls } = await session({ errors });
  expect((await organization.rootsPage(null)).items).toEqual([{ id: 'r-exam', name: 'Root', enabled: ['service'] }]);
  expect(calls.work()['organizations:ListRoots']).toMatchObject({ sent: 2, succeeded: 1, failed: 1 });
});

test('unknown credentials are reported as unauthenticated', async () => {
  const { organization } = await session();
  const stranger = new SdkAccountAccess(
    {
      credentials: () => Promise.resolve({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'secret' }),
      memberRole: null,
      region: 'us-east-1',
    },
    clock,
  );
  await expect(stranger.organization().organization.describe()).rejects.toMatchObject({ kind: 'unauthenticated' });
  await expect(organization.policyDocument('p-unknown')).rejects.toMatchObject({ code: 'PolicyNotFound' });
});
