import {
  CloudTrailClient,
  LookupEventsCommand,
  type Event,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { GenerateCredentialReportCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { bystanderCalls } from '../../../local/emulated-aws/cloudtrail/bystander-calls.ts';
import { EventHistory } from '../../../local/emulated-aws/cloudtrail/event-history.ts';
import { generateAccount, OPERATOR } from '../../../local/emulated-aws/generate/account.ts';
import { startEmulatedAws, type EmulatedAws } from '../../../local/emulated-aws/server.ts';
import type { EmulatedAwsSettings } from '../../../local/emulated-aws/settings.ts';
import { seededRandom } from '../../../local/seeded-random.ts';

const ACCOUNT = '111122223333';
const OTHER = '111122223334';
const START = Date.parse('2026-11-23T04:00:00Z');
const DAY_MS = 86_400_000;

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
let history: EventHistory;
const clients: { destroy: () => void }[] = [];

async function start(settings: Partial<EmulatedAwsSettings> = {}): Promise<void> {
  clock.at = START;
  history = new EventHistory(seededRandom(5));
  const accounts = [ACCOUNT, OTHER].map((accountId, n) =>
    generateAccount({ seed: n + 1, accountId, users: 2, roles: 4, now: START }),
  );
  aws = await startEmulatedAws({
    accounts,
    clock,
    random: seededRandom(3),
    limit: null,
    eventHistory: history,
    ...settings,
  });
}
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await aws.close();
});

const configuration = (region: string, accountId: string) => ({
  region,
  endpoint: aws.url,
  credentials: aws.emulation.issueUser(accountId, OPERATOR),
  maxAttempts: 1,
});
function cloudTrail(region = 'us-east-1', accountId = ACCOUNT): CloudTrailClient {
  const client = new CloudTrailClient(configuration(region, accountId));
  clients.push(client);
  return client;
}

/** One request, half a second after the former one. */
const lookUp = (input: LookupEventsCommandInput, client = cloudTrail()) => {
  clock.at += 500;
  return client.send(new LookupEventsCommand(input));
};

/** The calls of an application to IAM, one a second until the start, each with a session of its own. */
const addCalls = (count: number, secondsBefore = 0): void => {
  for (let n = 0; n < count; n += 1) {
    const atMs = START - 1_000 * (secondsBefore + n);
    bystanderCalls({ accountId: ACCOUNT, operation: 'iam:GetRole', atMs, served: n % 4 !== 0 }).forEach(history.add);
  }
};
const bySource = (source: string): LookupEventsCommandInput => ({
  LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: `${source}.amazonaws.com` }],
});
const timesOf = (events: readonly Event[] = []): number[] => events.map(({ EventTime }) => EventTime!.getTime());

test('an event has the fields of its record, and the record as JSON', async () => {
  await start();
  addCalls(1);
  const { Events = [], NextToken } = await lookUp(bySource('iam'));
  expect(NextToken).toBeUndefined();
  expect(Events).toHaveLength(1);
  const record = JSON.parse(Events[0]!.CloudTrailEvent!) as Record<string, unknown>;
  expect(record).toMatchObject({ eventName: 'GetRole', errorCode: 'Throttling', awsRegion: 'us-east-1' });
  expect(Events[0]).toEqual({
    EventId: record.eventID,
    EventName: 'GetRole',
    ReadOnly: 'true',
    AccessKeyId: 'ASIAEXAMPLEINVENTORY',
    EventTime: new Date(START),
    EventSource: 'iam.amazonaws.com',
    Username: 'inventory-bot',
    Resources: [],
    CloudTrailEvent: Events[0]!.CloudTrailEvent,
  });
});

test('pages of 50 events, newest first, have every event once, also while new events arrive', async () => {
  await start();
  addCalls(120);
  const client = cloudTrail();
  const events: Event[] = [];
  const sizes: number[] = [];
  let next: string | undefined;
  do {
    const page = await lookUp({ ...bySource('iam'), NextToken: next }, client);
    events.push(...(page.Events ?? []));
    sizes.push(page.Events?.length ?? 0);
    next = page.NextToken;
    const call = { accountId: ACCOUNT, operation: 'iam:GetUser', atMs: clock.at, served: true };
    bystanderCalls(call).forEach(history.add);
  } while (next !== undefined);
  expect(sizes).toEqual([50, 50, 20]);
  expect(timesOf(events)).toEqual(Array.from({ length: 120 }, (_, n) => START - 1_000 * n));
  expect(new Set(events.map(({ EventId }) => EventId)).size).toBe(120);
});

test('calls to the emulated IAM and STS are in the history of their account and Region', async () => {
  await start();
  const iam = new IAMClient(configuration('eu-west-1', ACCOUNT));
  const sts = new STSClient(configuration('eu-west-1', ACCOUNT));
  clients.push(iam, sts);
  await iam.send(new GenerateCredentialReportCommand({}));
  await sts.send(new GetCallerIdentityCommand({}));
  const names = async (region: string, accountId: string): Promise<(string | undefined)[]> =>
    ((await lookUp({}, cloudTrail(region, accountId))).Events ?? []).map(({ EventName }) => EventName);
  expect(await names('us-east-1', ACCOUNT)).toEqual(['GenerateCredentialReport']);
  expect(await names('eu-west-1', ACCOUNT)).toEqual(['GetCallerIdentity']);
  expect(await names('us-east-1', OTHER)).toEqual([]);
});

test('a period, an event source and an event name select events', async () => {
  await start();
  addCalls(20);
  const input = { StartTime: new Date(START - 9_000), EndTime: new Date(START - 5_000) };
  expect(timesOf((await lookUp({ ...bySource('sts'), ...input })).Events)).toEqual(
    [5, 6, 7, 8, 9].map((n) => START - 1_000 * n),
  );
  const byName = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'AssumeRole' }] };
  expect((await lookUp(byName)).Events).toHaveLength(20);
  expect((await lookUp({ ...bySource('ec2') })).Events).toEqual([]);
});

test('events older than 90 days are gone', async () => {
  await start();
  addCalls(2);
  addCalls(3, 90 * 86_400);
  const { Events } = await lookUp({ ...bySource('iam'), StartTime: new Date(START - 100 * DAY_MS) });
  expect(timesOf(Events)).toEqual([START, START - 1_000]);
});

test('2 requests a second: the third is throttled, in this Region only, and a later one is answered', async () => {
  await start();
  const client = cloudTrail();
  const send = (): Promise<unknown> => client.send(new LookupEventsCommand({}));
  await send();
  await send();
  await expect(send()).rejects.toMatchObject({
    name: 'ThrottlingException',
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 400 },
  });
  await cloudTrail('eu-west-1').send(new LookupEventsCommand({}));
  await cloudTrail('us-east-1', OTHER).send(new LookupEventsCommand({}));
  clock.at += 500;
  await send();
  expect(aws.emulation.counters.get(`${ACCOUNT} cloudtrail:LookupEvents`)).toMatchObject({ received: 5, throttled: 1 });
});

test.each<[string, LookupEventsCommandInput, string]>([
  [
    'a start after the end',
    { StartTime: new Date(START), EndTime: new Date(START - 1_000) },
    'InvalidTimeRangeException',
  ],
  [
    'a period before the last 90 days',
    { StartTime: new Date(START - 95 * DAY_MS), EndTime: new Date(START - 91 * DAY_MS) },
    'InvalidTimeRangeException',
  ],
  ['51 events', { MaxResults: 51 }, 'InvalidMaxResultsException'],
  ['no events', { MaxResults: 0 }, 'InvalidMaxResultsException'],
  [
    'two attributes',
    { LookupAttributes: [...bySource('iam').LookupAttributes!, ...bySource('sts').LookupAttributes!] },
    'InvalidLookupAttributesException',
  ],
  ['a token of another service', { NextToken: 'odd' }, 'InvalidNextTokenException'],
])('%s is an error', async (_, input, name) => {
  await start();
  await expect(lookUp(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
});

test('a token is valid only with the parameters of its request', async () => {
  await start();
  addCalls(60);
  const { NextToken } = await lookUp(bySource('iam'));
  expect(NextToken).toBeDefined();
  await expect(lookUp({ ...bySource('sts'), NextToken })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
});

test('a denied call is an AccessDeniedException', async () => {
  await start({ denied: { [ACCOUNT]: ['cloudtrail:LookupEvents'] } });
  await expect(lookUp({})).rejects.toMatchObject({ name: 'AccessDeniedException' });
});
