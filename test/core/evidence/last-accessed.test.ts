import { AwsFault } from '../../../core/ports/aws-fault.ts';
import { lastAccessedOf, ReadyDelay } from '../../../core/evidence/last-accessed.ts';
import type { IamReader, LastAccessedPage } from '../../../core/ports/iam.ts';

const service = (namespace: string) => ({
  namespace,
  name: namespace,
  lastAuthenticated: null,
  region: null,
  actions: null,
});
const done = (namespace: string, marker: string | null = null): LastAccessedPage => ({
  status: 'COMPLETED',
  completedAt: '2026-11-23T04:00:00.000Z',
  services: [service(namespace)],
  marker,
});
const failed: LastAccessedPage = { status: 'FAILED', code: 'INTERNAL_ERROR', message: 'An internal error occurred.' };
const gone = new AwsFault('missing', 'NoSuchEntity', 'It cannot be found.');

/** Answers the reads in turn. Requests for a report are refused from the given number on. */
async function ask(answers: (LastAccessedPage | AwsFault)[], refusedFrom = Number.POSITIVE_INFINITY) {
  let now = 0;
  let asked = 0;
  const reads: string[] = [];
  const delay = new ReadyDelay();
  const iam: Pick<IamReader, 'requestLastAccessed' | 'lastAccessedPage'> = {
    requestLastAccessed: async () => {
      asked += 1;
      if (asked >= refusedFrom) throw gone;
      return `job-${asked}`;
    },
    lastAccessedPage: async (jobId, marker) => {
      reads.push(`${jobId} ${marker ?? 'first'}`);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('read once too often');
      if (answer instanceof AwsFault) throw answer;
      return answer;
    },
  };
  const gate = <T>(send: () => Promise<T>): Promise<T> => send();
  const outcome = lastAccessedOf('arn', {
    iam: iam as IamReader,
    clock: { now: () => now, sleep: async (ms) => void (now += ms) },
    ask: gate,
    read: gate,
    delay,
  });
  return { outcome: await outcome.catch((error: unknown) => error), asked: () => asked, reads, delay };
}

test('all pages are read, and a report in progress is read again and never as empty', async () => {
  const { outcome, reads, asked } = await ask([{ status: 'IN_PROGRESS' }, done('s3', 'm'), done('ec2')]);
  expect(reads).toEqual(['job-1 first', 'job-1 first', 'job-1 m']);
  expect(asked()).toBe(1);
  expect(outcome).toMatchObject({
    part: { status: 'COMPLETE', services: [{ namespace: 's3' }, { namespace: 'ec2' }] },
    problems: [],
  });
});

test('a failed report is requested again, and is FAILED with the message of AWS after four requests', async () => {
  expect((await ask([failed, failed, done('s3')])).outcome).toMatchObject({ part: { status: 'COMPLETE' } });
  const { outcome, asked } = await ask([failed, failed, failed, failed]);
  expect(asked()).toBe(4);
  expect(outcome).toMatchObject({
    part: { status: 'FAILED', services: [] },
    problems: [
      {
        code: 'ReportFailed',
        message: 'AWS failed to make the report 4 times: INTERNAL_ERROR: An internal error occurred.',
      },
    ],
  });
});

test('a report that ended with its session is requested again, also between two pages', async () => {
  const { outcome, reads } = await ask([done('s3', 'm'), gone, gone, done('ec2')]);
  expect(reads).toEqual(['job-1 first', 'job-1 m', 'job-2 first', 'job-3 first']);
  expect(outcome).toMatchObject({ part: { status: 'COMPLETE', services: [{ namespace: 'ec2' }] } });
});

test('a principal that was deleted in the meantime is NoSuchEntity, not a failed report', async () => {
  expect((await ask([gone], 2)).outcome).toBe(gone);
});

test('if AWS refuses the session, the attempt ends, and the next one requests the report again', async () => {
  const expired = new AwsFault('expired', 'ExpiredToken', 'The token has expired.');
  expect((await ask([expired])).outcome).toBe(expired);
});

test('many reports that waited equally long count once, and a report whose read was delayed by the rate does not count', () => {
  const delay = new ReadyDelay(4_000);
  for (let n = 0; n < 400; n += 1) delay.wasNotReady(4_000);
  expect(delay.ms).toBe(5_000);
  for (let n = 0; n < 400; n += 1) delay.wasReady(60_000);
  expect(delay.ms).toBe(5_000);
});

test('a first delay falls quickly until a report is not ready, and a learned one slowly', () => {
  const [first, learned] = [new ReadyDelay(), new ReadyDelay(4_000)];
  for (let n = 0; n < 23; n += 1) for (const delay of [first, learned]) delay.wasReady(delay.ms);
  expect(first.ms).toBeLessThan(2_000);
  expect(learned.ms).toBeGreaterThan(3_500);
  first.wasNotReady(2_000);
  for (let n = 0; n < 23; n += 1) first.wasReady(first.ms);
  expect(first.ms).toBeGreaterThan(2_200);
});
