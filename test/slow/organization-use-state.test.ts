import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { OrganizationUseOutput } from '../../core/contract/messages.ts';
import { objects } from '../../core/contract/objects.ts';
import {
  OrganizationUseLine,
  OrganizationUseSummary,
  ProposedPolicies,
} from '../../core/contract/organization-use/organization-use.ts';
import type { Organization } from '../../core/contract/organization.ts';
import { MAX_STALLED } from '../../core/organization/use/report-settings.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';
import { CallLedger } from '../../core/ports/calls/call-ledger.ts';
import type { AccessReportReader } from '../../core/ports/organization-reader.ts';
import type { Services } from '../../core/ports/services.ts';
import { organizationUse } from '../../core/states/organization-use.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { seededRandom } from '../../local/seeded-random.ts';

jest.setTimeout(60_000);

const START = Date.parse('2026-11-23T04:00:00Z');
const DAY_MS = 86_400_000;
const TIMEOUT_MS = 900_000;
const MANAGEMENT = '100000000000';
const root = { id: 'r-root', name: 'Root' };
const units = [0, 1, 2].map((n) => ({ id: `ou-root-0000000${n}`, name: `Unit ${n}` }));
const idOf = (n: number): string => String(Number(MANAGEMENT) + n);
const runOn = (day: number): string => `2026112${3 + day}T040000Z-aaaaa${day}`;

let folder = '';
let store: FolderStore;
let now = START;
const warnings: string[] = [];
const clock = {
  now: () => now,
  sleep: (ms: number) => {
    now += ms;
    return Promise.resolve();
  },
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'organization-use-'));
  store = new FolderStore({ folder });
  now = START;
  warnings.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes what PlanRun writes for a run with this number of member accounts, which are in three units. */
async function plan(runId: string, members: number, full?: string): Promise<void> {
  const ids = Array.from({ length: members + 1 }, (_, n) => idOf(n));
  const organization: Organization = {
    schemaVersion: 1,
    readAt: new Date(now).toISOString(),
    membership: 'member',
    organizationId: 'o-one',
    managementAccountId: MANAGEMENT,
    attachedPolicies: { [root.id]: 1, ...Object.fromEntries(units.map(({ id }) => [id, 1])) },
    accounts: ids.map((accountId, n) => ({
      accountId,
      name: null,
      state: 'ACTIVE',
      units: n === 0 ? [root] : [root, units[n % 3]!],
      serviceControlPolicies: null,
      resourceControlPolicies: [],
    })),
    problems: [],
  };
  const claim = {
    execution: 'e',
    runId,
    scheduledDay: null,
    lastScheduledDay: null,
    released: false,
    interrupted: null,
  };
  await store.write(objects.claim, JSON.stringify(claim));
  await store.write(objects.organization(runId), JSON.stringify(organization));
  await store.writeLines(
    objects.accounts(runId),
    ids.map((accountId) => JSON.stringify({ accountId, resumeFrom: null })),
  );
  const counts = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };
  const run = {
    schemaVersion: 1,
    runId,
    startedAt: new Date(now).toISOString(),
    finishedAt: null,
    status: 'RUNNING',
    scope: { accounts: 'all', principals: 'all' },
    ...(full === undefined ? {} : { full: { since: full } }),
    accounts: [],
    principals: counts,
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, s3: 0, total: 0 },
  };
  await store.write(objects.run(runId), JSON.stringify(run));
}

interface World {
  reportMs: number;
  /** Called before each call with the path or the JobId; it may throw. */
  before: (operation: string, path: string) => void;
  failedPaths: readonly string[];
}

const namespaces = Array.from({ length: 300 }, (_, n) => `service-${n}`);

function services(world: Partial<World> = {}): { services: Services; requests: string[] } {
  const requests: string[] = [];
  const readyAt = new Map<string, number>();
  let calls = new CallLedger();
  const aws = { reportMs: 8_000, before: () => undefined, failedPaths: [] as readonly string[], ...world };
  const call = async <T>(operation: string, path: string, answer: () => T): Promise<T> => {
    const sentAt = now;
    now += 50;
    try {
      aws.before(operation, path);
      calls.record(`iam:${operation}`, 1, 'succeeded', sentAt, now);
    } catch (error: unknown) {
      calls.record(`iam:${operation}`, 1, 'failed', sentAt, now);
      throw error;
    }
    return Promise.resolve(answer());
  };
  const accessReports: AccessReportReader = {
    requestAccessReport: (path) =>
      call('GenerateOrganizationsAccessReport', path, () => {
        requests.push(path);
        readyAt.set(path, now + aws.reportMs);
        return path;
      }),
    accessReportPage: (path) =>
      call('GetOrganizationsAccessReport', path, () => {
        if (now < readyAt.get(path)!) return { status: 'IN_PROGRESS' };
        if (aws.failedPaths.includes(path)) return { status: 'FAILED', code: 'INTERNAL_ERROR', message: 'AWS failed.' };
        const used = path.endsWith(idOf(1)) ? 'service-1' : 'service-0';
        return {
          status: 'COMPLETED',
          completedAt: new Date(readyAt.get(path)!).toISOString(),
          marker: null,
          services: namespaces.map((namespace) => ({
            namespace,
            name: namespace,
            lastAuthenticated: namespace === used ? '2026-11-01T00:00:00.000Z' : null,
            region: null,
            entities: namespace === used ? 1 : 0,
          })),
        };
      }),
  };
  return {
    requests,
    services: {
      store,
      clock,
      random: seededRandom(3),
      settings: { refreshEveryDays: 7 },
      access: {
        organization: () => {
          calls = new CallLedger();
          return { accessReports, calls };
        },
      },
      warn: (message: string) => warnings.push(message),
    } as never,
  };
}

const invoke = (
  runId: string,
  of: Services,
  input: { attempt: number; stalled: number },
): Promise<OrganizationUseOutput> => {
  const deadline = now + TIMEOUT_MS;
  return organizationUse({ runId, ...input }, of, {
    remainingMs: () => deadline - now,
    memoryMegabytes: 512,
    storeRequests: () => ({ puts: 1, gets: 1 }),
  });
};

/** Runs attempts as the workflow does. @returns the duration of each in milliseconds */
async function runAll(runId: string, of: Services): Promise<number[]> {
  const durations: number[] = [];
  let input = { attempt: 1, stalled: 0 };
  for (;;) {
    const from = now;
    const output = await invoke(runId, of, input);
    durations.push(now - from);
    if (output.status === 'FINISHED') return durations;
    expect(await store.exists(objects.organizationUse(runId))).toBe(false);
    input = { attempt: output.attempt, stalled: output.stalled };
    now = Math.max(now, Date.parse(output.resumeAt));
  }
}

async function linesOf(runId: string): Promise<OrganizationUseLine[]> {
  const lines: OrganizationUseLine[] = [];
  for await (const text of store.readLines(objects.organizationUse(runId))) {
    lines.push(v.parse(OrganizationUseLine, JSON.parse(text)));
  }
  return lines;
}
const summaryOf = async (runId: string): Promise<OrganizationUseSummary> =>
  v.parse(OrganizationUseSummary, JSON.parse((await store.read(objects.organizationUseSummary(runId)))!.text));
const proposalOf = async (runId: string, unit: string): Promise<ProposedPolicies> =>
  v.parse(ProposedPolicies, JSON.parse((await store.read(objects.proposedPolicies(runId, unit)))!.text));

test('1,000 accounts: each attempt ends in time, the next one continues, and each entity has one line at the end', async () => {
  const runId = runOn(0);
  await plan(runId, 999);
  const { services: of, requests } = services();
  const durations = await runAll(runId, of);
  expect(durations.length).toBeGreaterThan(1);
  for (const duration of durations) expect(duration).toBeLessThan(TIMEOUT_MS - 60_000);
  expect(durations.reduce((sum, duration) => sum + duration, 0)).toBeLessThan(3_600_000);
  const lines = await linesOf(runId);
  const expected = [root.id, ...units.map(({ id }) => id), ...Array.from({ length: 1_000 }, (_, n) => idOf(n))];
  expect(lines.map(({ id }) => id).sort()).toEqual(expected.sort());
  expect(lines.every(({ services: found, problem }) => found?.length === 300 && problem === null)).toBe(true);
  // Reports that were in generation at the end of an attempt are asked for again: few.
  expect(requests.length).toBeLessThan(expected.length + 5 * durations.length);
  const summary = await summaryOf(runId);
  expect(summary).toMatchObject({
    attempts: durations.length,
    asked: { units: 4, accounts: 1_000 },
    answered: 1_004,
    carried: 0,
    problem: null,
  });
  expect(summary.consumption.invocations).toBe(durations.length);
  expect(summary.calls['iam:GenerateOrganizationsAccessReport']!.sent).toBe(requests.length);
  const proposal = await proposalOf(runId, root.id);
  expect(proposal.services).toHaveLength(298);
  expect(proposal.services.map(({ namespace }) => namespace)).not.toContain('service-1');
  expect(proposal.policies).toHaveLength(1);
  // Everything that is unused in a unit is proposed above it, except what only one account uses.
  expect((await proposalOf(runId, units[0]!.id)).services).toEqual([{ namespace: 'service-1', name: 'service-1' }]);
  expect((await proposalOf(runId, units[1]!.id)).services).toEqual([]);
});

test('an invocation that is repeated after its attempt ended sends no call', async () => {
  const runId = runOn(0);
  await plan(runId, 600);
  const { services: of, requests } = services();
  const first = await invoke(runId, of, { attempt: 1, stalled: 0 });
  const sent = requests.length;
  expect(await invoke(runId, of, { attempt: 1, stalled: 0 })).toEqual(first);
  expect([first.status, requests.length]).toEqual(['UNFINISHED', sent]);
  await invoke(runId, of, { attempt: 2, stalled: 0 });
  const all = requests.length;
  const [before, text] = [await summaryOf(runId), await linesOf(runId)];
  expect(await invoke(runId, of, { attempt: 2, stalled: 0 })).toEqual({ status: 'FINISHED' });
  // As after an interruption between the attempt's object and the end: the rest is written again, with the same lines.
  await store.write(objects.latestOrganizationUse, JSON.stringify({ runId: runOn(5) }));
  expect(await invoke(runId, of, { attempt: 2, stalled: 0 })).toEqual({ status: 'FINISHED' });
  expect(requests.length).toBe(all);
  expect(await linesOf(runId)).toEqual(text);
  expect((await summaryOf(runId)).units).toEqual(before.units);
});

test('if AWS denies the reports, this is recorded with what to do, after one call', async () => {
  const runId = runOn(0);
  await plan(runId, 20);
  const { services: of } = services({
    before: () => {
      throw new AwsFault('denied', 'AccessDenied', 'You don’t have permissions.');
    },
  });
  expect(await runAll(runId, of)).toHaveLength(1);
  const { problem, answered, calls, units: found } = await summaryOf(runId);
  expect(problem).toMatchObject({ code: 'AccessDenied', message: 'You don’t have permissions.' });
  expect(problem?.whatToDo).toContain('Only the management account');
  expect(answered).toBe(0);
  expect(calls).toMatchObject({ 'iam:GenerateOrganizationsAccessReport': { sent: 1, failed: 1 } });
  expect(found.every(({ policies, allowed, used }) => policies === 0 && allowed === null && used === null)).toBe(true);
  expect((await linesOf(runId)).every((line) => line.services === null && line.problem?.code === 'AccessDenied')).toBe(
    true,
  );
  expect(warnings).toHaveLength(1);
});

test('a failed report is a named problem, and nothing is proposed above it', async () => {
  const runId = runOn(0);
  await plan(runId, 6);
  const path = `o-one/${root.id}/${units[1]!.id}/${idOf(1)}`;
  const { services: of } = services({ failedPaths: [path] });
  await runAll(runId, of);
  const summary = await summaryOf(runId);
  expect(summary).toMatchObject({ answered: 10, problem: { code: 'INTERNAL_ERROR' } });
  expect(summary.problem?.message).toBe(`1 of 11 reports are missing. The first is that of ${idOf(1)}: AWS failed.`);
  const proposed = summary.units.filter(({ policies }) => policies > 0).map(({ id }) => id);
  expect(proposed).toEqual([units[2]!.id, units[0]!.id]);
});

test('if AWS refuses every report because of its limit, the run ends without them after some attempts', async () => {
  const runId = runOn(0);
  await plan(runId, 6);
  const { services: of } = services({
    before: () => {
      throw new AwsFault('other', 'ReportGenerationLimitExceeded', 'too many');
    },
  });
  expect(await runAll(runId, of)).toHaveLength(MAX_STALLED);
  expect(now - START).toBeLessThan(3_600_000);
  expect(await summaryOf(runId)).toMatchObject({ answered: 0, problem: { code: 'Unfinished' } });
});

describe('on later days', () => {
  const day = async (n: number, options: { full?: string; members?: number; world?: Partial<World> } = {}) => {
    now = START + n * DAY_MS;
    await plan(runOn(n), options.members ?? 6, options.full);
    const { services: of, requests } = services(options.world);
    await runAll(runOn(n), of);
    return requests;
  };

  test('reports are carried until they are a week old, each with its time and the run that read it', async () => {
    expect(await day(0)).toHaveLength(11);
    const [first] = await linesOf(runOn(0));
    expect(await day(1)).toEqual([]);
    expect(await day(2)).toEqual([]);
    const lines = await linesOf(runOn(2));
    expect(lines).toHaveLength(11);
    expect(lines[0]).toEqual({ ...first, carriedFrom: runOn(0) });
    expect(await summaryOf(runOn(2))).toMatchObject({ answered: 11, carried: 11, calls: {}, problem: null });
    expect((await proposalOf(runOn(2), root.id)).asOf).toBe(lines.map(({ asOf }) => asOf).sort()[0]);
    now = START + 7 * DAY_MS - 1_000;
    expect(await day(6)).toEqual([]);
  });

  test('a new account and a report that failed are asked for; nothing else is', async () => {
    const path = `o-one/${root.id}/${units[1]!.id}/${idOf(1)}`;
    await day(0, { world: { failedPaths: [path] } });
    expect(await day(1, { members: 7 })).toEqual([path, `o-one/${root.id}/${units[1]!.id}/${idOf(7)}`]);
  });

  test('a full run asks for every report', async () => {
    await day(0);
    expect(await day(1, { full: new Date(START + DAY_MS).toISOString() })).toHaveLength(11);
  });

  test('a damaged object of an earlier run costs new requests and no run', async () => {
    await day(0);
    await store.write(objects.organizationUse(runOn(0)), '{"id":');
    expect(await day(1)).toHaveLength(11);
    expect(warnings.join()).toContain('line 1 ends too early');
  });

  test('reports of the earlier run that are deleted during this run are named as missing', async () => {
    await day(0);
    now = START + DAY_MS;
    await plan(runOn(1), 7);
    const { services: of } = services();
    const write = store.writeLines.bind(store);
    store.writeLines = async (key, lines) => {
      const written = await write(key, lines);
      if (key.includes('organization-use/')) await store.write(objects.organizationUse(runOn(0)), '');
      return written;
    };
    await runAll(runOn(1), of);
    expect(await summaryOf(runOn(1))).toMatchObject({
      answered: 1,
      problem: { code: 'Unfinished', message: '11 of 12 reports are missing.' },
    });
    expect((await proposalOf(runOn(1), root.id)).reason).toBe('There is no report of the unit.');
  });

  test('without the objects of the earlier run, every report is asked for', async () => {
    await day(0);
    await rm(join(folder, 'runs', runOn(0)), { recursive: true });
    expect(await day(1)).toHaveLength(11);
  });
});
