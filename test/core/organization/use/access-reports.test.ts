import type { ServiceOfEntity } from '../../../../core/contract/organization-use/organization-use.ts';
import { AccessReports, type EntityResult, type ReportsEnd } from '../../../../core/organization/use/access-reports.ts';
import type { Entity } from '../../../../core/organization/use/entities.ts';
import {
  CALL_INTERVAL_MS,
  MAX_REFUSALS,
  READ_UNTIL_MS,
  REPORTS_AT_ONCE,
} from '../../../../core/organization/use/report-settings.ts';
import { AwsFault } from '../../../../core/ports/aws-fault.ts';
import type { AccessReportPage, AccessReportReader } from '../../../../core/ports/organization-reader.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const SERVICES: ServiceOfEntity[] = ['iam', 's3', 'sqs'].map((namespace) => ({
  namespace,
  name: namespace,
  lastAuthenticated: null,
  region: null,
  entities: 0,
}));

interface World {
  /** Milliseconds that a report takes, by path. */
  reportMs: (path: string) => number;
  limit: number;
  onRequest: (path: string, n: number) => void;
  onRead: (path: string, n: number) => void;
  failed: (path: string, n: number) => boolean;
}

const usual: World = {
  reportMs: () => 10_000,
  limit: 100,
  onRequest: () => undefined,
  onRead: () => undefined,
  failed: () => false,
};

const limitExceeded = new AwsFault('other', 'ReportGenerationLimitExceeded', 'too many');
const throttled = new AwsFault('throttled', 'Throttling', 'Rate exceeded');

interface Outcome extends ReportsEnd {
  readonly results: readonly EntityResult[];
  readonly requests: readonly string[];
  readonly callTimes: readonly number[];
  readonly mostAtOnce: number;
  readonly tookMs: number;
}

async function run(entities: readonly Entity[], world: Partial<World> = {}, remainingMs = 900_000): Promise<Outcome> {
  const aws = { ...usual, ...world };
  let now = START;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const jobs: { path: string; readyAt: number; n: number; reads: number }[] = [];
  const requests: string[] = [];
  const callTimes: number[] = [];
  let mostAtOnce = 0;
  const inGeneration = (): number => jobs.filter(({ readyAt }) => readyAt > now).length;
  const answer = <T>(call: () => T): Promise<T> => {
    callTimes.push(now);
    return Promise.resolve().then(call);
  };
  const reader: AccessReportReader = {
    requestAccessReport: (path) =>
      answer(() => {
        requests.push(path);
        const n = requests.filter((one) => one === path).length;
        aws.onRequest(path, n);
        if (inGeneration() >= aws.limit) throw limitExceeded;
        jobs.push({ path, readyAt: now + aws.reportMs(path), n, reads: 0 });
        mostAtOnce = Math.max(mostAtOnce, inGeneration());
        return String(jobs.length - 1);
      }),
    accessReportPage: (jobId, marker) =>
      answer((): AccessReportPage => {
        const job = jobs[Number(jobId)]!;
        job.reads += 1;
        aws.onRead(job.path, job.reads);
        if (now < job.readyAt) return { status: 'IN_PROGRESS' };
        if (aws.failed(job.path, job.n)) return { status: 'FAILED', code: 'INTERNAL_ERROR', message: 'AWS failed.' };
        const from = Number(marker ?? 0);
        const next = from + 2 < SERVICES.length ? String(from + 2) : null;
        const completedAt = new Date(job.readyAt).toISOString();
        return { status: 'COMPLETED', completedAt, services: SERVICES.slice(from, from + 2), marker: next };
      }),
  };
  const results: EntityResult[] = [];
  const timing = { clock, random: () => 0.5, remainingMs: () => START + remainingMs - now };
  const end = await new AccessReports(entities, reader, timing, (result) => {
    results.push(result);
    return Promise.resolve();
  }).run();
  return { ...end, results, requests, callTimes, mostAtOnce, tookMs: now - START };
}

const root: Entity = { id: 'r', kind: 'root', name: 'Root', path: 'o/r' };
const accounts = (count: number): Entity[] =>
  Array.from({ length: count }, (_, n) => ({ id: `a${n}`, kind: 'account', name: null, path: `o/r/a${n}` }));
const problemsOf = ({ results }: Outcome): [string, string][] =>
  results.flatMap((result) =>
    'problem' in result ? [[result.entity.id, result.problem.code] as [string, string]] : [],
  );

test('each entity has one whole report, with all its pages and the time at which AWS finished it', async () => {
  const { results, left, refusal } = await run([root, ...accounts(20)]);
  expect([left, refusal]).toEqual([[], null]);
  expect(results.map(({ entity }) => entity.id).sort()).toEqual(['r', ...accounts(20).map(({ id }) => id)].sort());
  for (const result of results) {
    expect('services' in result && result.services).toEqual(SERVICES);
  }
  expect(results[0]).toMatchObject({ asOf: new Date(START + 10_000).toISOString() });
});

test('few reports are in generation at once, and calls have an interval', async () => {
  const { mostAtOnce, callTimes } = await run(accounts(50));
  expect(mostAtOnce).toBe(REPORTS_AT_ONCE);
  callTimes.slice(1).forEach((time, n) => {
    expect(time - callTimes[n]!).toBeGreaterThanOrEqual(CALL_INTERVAL_MS);
  });
});

test.each([1, 2, 3])(
  'with a limit of %d reports at once, all reports are read and the limit is waited for',
  async (limit) => {
    const outcome = await run(accounts(30), { limit, reportMs: () => 3_000 });
    expect([outcome.results.length, outcome.left, problemsOf(outcome)]).toEqual([30, [], []]);
    expect(outcome.requests.length).toBeGreaterThan(30);
    expect(outcome.waits.get('iam:GenerateOrganizationsAccessReport')).toBeGreaterThan(0);
  },
);

test('throttled calls are repeated and lose nothing', async () => {
  let calls = 0;
  const sometimes = (): void => {
    calls += 1;
    if (calls % 3 === 0) throw throttled;
  };
  const outcome = await run(accounts(30), { onRequest: sometimes, onRead: sometimes });
  expect([outcome.results.length, problemsOf(outcome)]).toEqual([30, []]);
});

test('if every request is refused because of a limit, the attempt ends soon, and the rest is for much later', async () => {
  const outcome = await run(accounts(3), {
    onRequest: () => {
      throw limitExceeded;
    },
  });
  expect(outcome.requests).toHaveLength(MAX_REFUSALS);
  expect(outcome).toMatchObject({ results: [], refusal: null });
  expect(outcome.left).toHaveLength(3);
  expect(outcome.resumeAt - START - outcome.tookMs).toBe(450_000);
  expect(outcome.tookMs).toBeLessThan(200_000);
});

test('a failed report is asked for again; after three tries its reason is recorded', async () => {
  const outcome = await run([root, ...accounts(3)], {
    failed: (path, n) => path === 'o/r/a1' || (path === 'o/r' && n === 1),
  });
  expect(problemsOf(outcome)).toEqual([['a1', 'INTERNAL_ERROR']]);
  expect(outcome.requests.filter((path) => path === 'o/r/a1')).toHaveLength(3);
  expect(outcome.requests.filter((path) => path === 'o/r')).toHaveLength(2);
  expect(outcome.results).toHaveLength(4);
});

test('a report that does not become ready is recorded as such, and never as a report without use', async () => {
  const outcome = await run(accounts(2), {
    reportMs: (path) => (path.endsWith('a0') ? Number.POSITIVE_INFINITY : 1_000),
  });
  expect(problemsOf(outcome)).toEqual([['a0', 'ReportTimeout']]);
  expect(outcome.results).toHaveLength(2);
});

test('if AWS denies the first request, no other is sent', async () => {
  const outcome = await run([root, ...accounts(5)], {
    onRequest: () => {
      throw new AwsFault('denied', 'AccessDenied', 'You don’t have permissions.');
    },
  });
  expect(outcome).toMatchObject({
    requests: ['o/r'],
    results: [],
    refusal: { code: 'AccessDenied', message: 'You don’t have permissions.' },
  });
  expect(outcome.left).toHaveLength(6);
});

test('if AWS denies reading, the refusal is recorded', async () => {
  const { refusal, left } = await run([root, ...accounts(5)], {
    onRead: () => {
      throw new AwsFault('denied', 'AccessDenied', 'no');
    },
  });
  expect(refusal).toEqual({ code: 'AccessDenied', message: 'no' });
  expect(new Set(left.map(({ id }) => id)).size).toBe(6);
});

test.each<[string, Entity[], string[], object | null]>([
  ['the root', [root, ...accounts(3)], ['o/r'], { code: 'InvalidInput', message: 'wrong' }],
  ['an account', accounts(2), ['o/r/a0', 'o/r/a1'], null],
])('a request for %s that AWS rejects is not repeated', async (_name, entities, requests, refusal) => {
  const outcome = await run(entities, {
    onRequest: () => {
      throw new AwsFault('refused', 'InvalidInput', 'wrong');
    },
  });
  expect(outcome).toMatchObject({ requests, refusal });
});

test('an account without a known place has a problem and no request', async () => {
  const outcome = await run([{ id: 'a9', kind: 'account', name: null, path: null }]);
  expect(problemsOf(outcome)).toEqual([['a9', 'UnknownUnit']]);
  expect(outcome.requests).toEqual([]);
});

test('it stops in time, and what is not read is left', async () => {
  const outcome = await run(accounts(1_000), {}, 400_000);
  expect(outcome.tookMs).toBeLessThanOrEqual(400_000 - READ_UNTIL_MS + 1_000);
  expect(outcome.results.length + outcome.left.length).toBe(1_000);
  expect(new Set([...outcome.results.map(({ entity }) => entity.id), ...outcome.left.map(({ id }) => id)]).size).toBe(
    1_000,
  );
  expect(outcome.resumeAt - START).toBe(outcome.tookMs);
});
