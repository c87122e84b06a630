import {
  GenerateOrganizationsAccessReportCommand,
  GetOrganizationsAccessReportCommand,
  IAMClient,
  type GetOrganizationsAccessReportCommandOutput,
} from '@aws-sdk/client-iam';
import type { EmulatedAccount, PolicyDocument } from '../../../local/emulated-aws/account.ts';
import type { EmulatedAwsSettings } from '../../../local/emulated-aws/settings.ts';
import { generateAccount, OPERATOR } from '../../../local/emulated-aws/generate/account.ts';
import { allow, deny, policy } from '../../../local/emulated-aws/generate/policies.ts';
import { startEmulatedAws, type EmulatedAws } from '../../../local/emulated-aws/server.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

const HUB = '111122223333';
const [ONE, TWO] = ['111122223334', '111122223335'] as const;
const START = Date.parse('2026-11-23T04:00:00Z');
const DAY_MS = 86_400_000;
const full = policy(allow('*'));
const UNIT = 'o-exampleorg/r-exam/ou-exam-00000000';

const clock = {
  at: START,
  now: () => clock.at,
  sleep: (ms: number) => {
    clock.at += Math.max(0, ms);
    return Promise.resolve();
  },
};
let aws: EmulatedAws;
const clients: IAMClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await aws.close();
});

function account(
  accountId: string,
  levels: PolicyDocument[][] | null,
  activity: Record<string, number>,
): EmulatedAccount {
  const made = generateAccount({ seed: 1, accountId, users: 1, roles: 1, now: START });
  const principals = [...made.users.values(), ...made.roles.values()];
  for (const principal of principals) principal.activity = new Map();
  const uses = Object.entries(activity).map(
    ([namespace, days]) =>
      [namespace, { lastAuthenticated: START - days * DAY_MS, region: 'eu-west-1', actions: new Map() }] as const,
  );
  principals[0]!.activity = new Map(uses);
  made.serviceControlPolicies = levels;
  return made;
}

async function start(settings: Partial<EmulatedAwsSettings> = {}, unit: PolicyDocument[] = [full]): Promise<void> {
  clock.at = START;
  const accounts = [
    account(HUB, null, { sns: 1 }),
    account(ONE, [[full], unit, [full]], { s3: 3, sqs: 401 }),
    account(TWO, [[full], unit, [full, policy(deny('glue:*'))]], { s3: 2 }),
  ];
  aws = await startEmulatedAws({ accounts, clock, random: seededRandom(3), limit: null, ...settings });
}

function iam(accountId = HUB): IAMClient {
  const credentials = aws.emulation.issueUser(accountId, OPERATOR);
  const client = new IAMClient({ region: 'us-east-1', endpoint: aws.url, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}
const generate = async (client: IAMClient, EntityPath: string): Promise<string> =>
  (await client.send(new GenerateOrganizationsAccessReportCommand({ EntityPath }))).JobId!;
const get = (client: IAMClient, JobId: string, Marker?: string, MaxItems?: number) =>
  client.send(new GetOrganizationsAccessReportCommand({ JobId, Marker, MaxItems }));

async function report(path: string): Promise<GetOrganizationsAccessReportCommandOutput> {
  const client = iam();
  const jobId = await generate(client, path);
  expect((await get(client, jobId)).JobStatus).toBe('IN_PROGRESS');
  clock.at += 2_000;
  return get(client, jobId, undefined, 1_000);
}
const detail = ({ AccessDetails }: GetOrganizationsAccessReportCommandOutput, namespace: string) =>
  AccessDetails?.find(({ ServiceNamespace }) => ServiceNamespace === namespace);

test('the report of a unit has the last use by any account below it within 400 days, and not that of the management account', async () => {
  await start();
  const unit = await report(UNIT);
  expect(unit).toMatchObject({
    JobStatus: 'COMPLETED',
    IsTruncated: false,
    JobCompletionDate: expect.any(Date) as Date,
  });
  expect(detail(unit, 's3')).toMatchObject({
    EntityPath: `${UNIT}/${TWO}`,
    Region: 'eu-west-1',
    LastAuthenticatedTime: new Date(START - 2 * DAY_MS),
    TotalAuthenticatedEntities: 2,
  });
  for (const unused of ['sqs', 'sns']) expect(detail(unit, unused)?.LastAuthenticatedTime).toBeUndefined();
  expect(unit.NumberOfServicesAccessible! - unit.NumberOfServicesNotAccessed!).toBe(1);
  expect(detail(await report('o-exampleorg/r-exam'), 'sns')?.LastAuthenticatedTime).toBeUndefined();
  expect(detail(await report(`o-exampleorg/r-exam/${HUB}`), 'sns')?.LastAuthenticatedTime).toBeDefined();
});

test.each<[string, PolicyDocument[], string[]]>([
  ['an Allow of two services', [policy(allow(['s3:*', 'sqs:Get*']))], ['s3', 'sqs']],
  ['a Deny with a condition does not hide a service', [policy(allow('s3:*')), conditional()], ['s3']],
  ['a Deny of the whole service', [policy(allow(['s3:*', 'glue:*'])), policy(deny('glue:*'))], ['s3']],
])('a report lists only the services that the SCPs of each level allow: %s', async (_name, unit, namespaces) => {
  await start({}, unit);
  const { AccessDetails } = await report(UNIT);
  expect(AccessDetails?.map(({ ServiceNamespace }) => ServiceNamespace)).toEqual(namespaces);
});

function conditional(): PolicyDocument {
  const statement = {
    Effect: 'Deny',
    Action: 's3:*',
    Resource: '*',
    Condition: { StringEquals: { 'aws:RequestedRegion': 'x' } },
  };
  return { Version: '2012-10-17', Statement: [statement] };
}

test('an SCP of an account affects its report and not that of its unit', async () => {
  await start();
  expect(detail(await report(`${UNIT}/${TWO}`), 'glue')).toBeUndefined();
  expect(detail(await report(UNIT), 'glue')).toBeDefined();
});

test('pages have markers', async () => {
  await start();
  const client = iam();
  const jobId = await generate(client, UNIT);
  clock.at += 2_000;
  const namespaces: string[] = [];
  let marker: string | undefined;
  do {
    const page: GetOrganizationsAccessReportCommandOutput = await get(client, jobId, marker, 40);
    namespaces.push(...page.AccessDetails!.map(({ ServiceNamespace }) => ServiceNamespace!));
    marker = page.IsTruncated === true ? page.Marker : undefined;
  } while (marker !== undefined);
  expect(namespaces.length).toBeGreaterThan(80);
  expect(new Set(namespaces).size).toBe(namespaces.length);
});

test('only the management account may request reports', async () => {
  await start({ organization: { delegatedAdministrators: [ONE] } });
  await expect(generate(iam(ONE), UNIT)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('a limited number of reports is generated at once; more are refused with 409', async () => {
  await start({ behaviour: { accessReportsAtOnce: 2 } });
  const client = iam();
  await generate(client, UNIT);
  await generate(client, `${UNIT}/${ONE}`);
  await expect(generate(client, `${UNIT}/${TWO}`)).rejects.toMatchObject({
    name: 'ReportGenerationLimitExceededException',
    $metadata: { httpStatusCode: 409 },
  });
  clock.at += 2_000;
  expect(await generate(client, `${UNIT}/${TWO}`)).toBeDefined();
});

test('a report can fail, with its reason', async () => {
  await start({ behaviour: { failedAccessReports: [ONE] } });
  expect(await report(`${UNIT}/${ONE}`)).toMatchObject({
    JobStatus: 'FAILED',
    ErrorDetails: { Code: 'INTERNAL_ERROR', Message: 'An internal error occurred.' },
  });
  expect((await report(`${UNIT}/${TWO}`)).JobStatus).toBe('COMPLETED');
});

test('a wrong path and an unknown job are refused', async () => {
  await start();
  await expect(generate(iam(), `o-exampleorg/r-exam/${ONE}`)).rejects.toMatchObject({ name: 'InvalidInputException' });
  await expect(get(iam(), 'f0f0f0f0-0000-4000-8000-000000000000')).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  });
});
