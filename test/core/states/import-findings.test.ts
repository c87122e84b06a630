import type { Finding } from '../../../core/contract/finding.ts';
import type { ImportFindingsOutput, ImportProgress } from '../../../core/contract/messages.ts';
import { objects } from '../../../core/contract/objects.ts';
import { noFindings } from '../../../core/findings/compare.ts';
import { readRun, writeRun } from '../../../core/objects/stored-runs.ts';
import { AwsFault } from '../../../core/ports/aws-fault.ts';
import type { RefusedFinding, Services } from '../../../core/ports/services.ts';
import { importFindings } from '../../../core/states/import-findings.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { runSummary } from '../../support/run-summary.ts';

const ACCOUNT = '111122223333';
const OTHER = '111122223334';
const runId = '20261123T040000Z-aaaaaa';

const finding = (n: number, fields: Partial<Finding> = {}): Finding => ({
  id: `f${n}`,
  rule: 'administrator-idle',
  severity: 'high',
  controls: [],
  accountId: ACCOUNT,
  principalArn: `arn:aws:iam::${ACCOUNT}:role/r${n}`,
  title: 'title',
  detail: '',
  evidence: {},
  firstSeen: '2026-11-22T04:00:00Z',
  state: 'open',
  exception: null,
  ...fields,
});

let store: MemoryStore;
let warnings: string[];
let sent: Record<string, unknown>[];
let calls: number;
let now: number;
beforeEach(() => {
  store = new MemoryStore();
  warnings = [];
  sent = [];
  calls = 0;
  now = 0;
});

async function stored(count: number, fields: (n: number) => Partial<Finding> = () => ({}), summary = {}) {
  const all = Array.from({ length: count }, (_, n) => finding(n, fields(n)));
  await store.writeLines(
    objects.findings(runId),
    all.map((one) => JSON.stringify(one)),
  );
  await writeRun(store, runSummary({ findings: { ...noFindings(), open: count }, ...summary }));
}

/** Imports with calls of half a second. @param most calls of one invocation */
async function importOnce(
  progress: ImportProgress | null,
  most = Infinity,
  answer: (call: number) => readonly RefusedFinding[] | Promise<never> = () => [],
): Promise<ImportFindingsOutput> {
  const before = calls;
  const startedAt = now;
  const services = {
    store,
    region: 'eu-west-1',
    clock: {
      now: () => now,
      sleep: (ms: number) => {
        now += ms;
        return Promise.resolve();
      },
    },
    random: () => 0.5,
    warn: (message: string) => warnings.push(message),
    findingImporter: {
      importFindings: async (findings: readonly Record<string, unknown>[]) => {
        calls += 1;
        now += 500;
        const refused = await answer(calls);
        sent.push(...findings);
        return refused;
      },
    },
  } as unknown as Services;
  return importFindings({ runId, accountId: ACCOUNT, progress }, services, {
    remainingMs: () => (calls - before >= most ? 240_000 : 900_000 - (now - startedAt)),
    memoryMegabytes: 512,
    storeRequests: () => ({ puts: 0, gets: 3 }),
  });
}

test('the findings of a run are imported, and run.json has the result and its cost', async () => {
  await stored(250);
  expect(await importOnce(null)).toEqual({
    status: 'FINISHED',
    progress: null,
    addition: '\n\nSecurity Hub: 250 findings imported.',
    problem: null,
  });
  expect(sent).toHaveLength(250);
  const after = (await readRun(store, runId))!;
  expect(after).toMatchObject({ status: 'COMPLETE', securityHub: { imported: 250, refused: 0, ofOtherAccounts: 0 } });
  // Two state transitions.
  expect(after.cost.stepFunctions).toBeCloseTo(0.1 + 2 * 2.5e-5, 6);
  // 3 calls of 0.5 s and 2 waits of 0.125 s with 512 MB, and one invocation.
  expect(after.cost.lambda).toBeCloseTo(1.75 * 0.5 * 1.33334e-5 + 2e-7, 6);
  expect(after.cost.s3).toBeCloseTo(5e-6 + 3 * 4e-7, 6);
});

test('an import that takes longer than an invocation continues where it stopped', async () => {
  await stored(1_000, (n) => (n % 2 === 0 ? { accountId: OTHER } : {}));
  const outputs: ImportFindingsOutput[] = [];
  let progress: ImportProgress | null = null;
  do {
    const output: ImportFindingsOutput = await importOnce(progress, 2);
    outputs.push(output);
    ({ progress } = output);
  } while (progress !== null);
  expect(outputs.map(({ status }) => status)).toEqual(['UNFINISHED', 'UNFINISHED', 'FINISHED']);
  const ids = sent.map(({ Id }) => String(Id));
  expect(ids).toHaveLength(500);
  expect(new Set(ids).size).toBe(500);
  expect(outputs.map(({ addition }) => addition)).toEqual([
    '',
    '',
    '\n\nSecurity Hub: 500 findings imported, 500 of other accounts left out.',
  ]);
  const { cost, securityHub } = (await readRun(store, runId))!;
  expect(securityHub).toEqual({ imported: 500, refused: 0, ofOtherAccounts: 500 });
  expect(cost.stepFunctions).toBeCloseTo(0.1 + 6 * 2.5e-5, 6);
});

test('60,000 findings are imported by one invocation if a call takes half a second, within the time of the function', async () => {
  await stored(60_000);
  const { status } = await importOnce(null);
  expect([status, calls]).toEqual(['FINISHED', 600]);
  // 600 calls of half a second, and a wait before each but the first.
  expect(now).toBe(600 * 500 + 599 * 125);
  expect(now).toBeLessThan(900_000 - 240_000);
});

test('findings of other accounts are counted, told and not sent', async () => {
  await stored(5, (n) => (n < 2 ? { accountId: OTHER, principalArn: `arn:aws:iam::${OTHER}:role/r` } : {}));
  const { addition, problem } = await importOnce(null);
  expect(addition).toContain('3 findings imported, 2 of other accounts left out');
  // This is so every day, so it is no problem.
  expect(problem).toBeNull();
  expect(sent.map(({ AwsAccountId }) => AwsAccountId)).toEqual([ACCOUNT, ACCOUNT, ACCOUNT]);
  expect(warnings).toEqual([expect.stringContaining('2 findings of other accounts were not imported')]);
});

test('refused findings are told with the reason of the first, and the others are imported', async () => {
  await stored(250);
  const refusal = (n: number): RefusedFinding => ({ id: `f${n}`, code: 'InvalidInput', message: 'too long' });
  const first = await importOnce(null, 1, (call) => (call === 1 ? [refusal(1), refusal(2)] : []));
  const { addition, problem } = await importOnce(first.progress, Infinity, (call) =>
    call === 3 ? [refusal(201)] : [],
  );
  expect(addition).toContain('247 findings imported, 3 refused.');
  expect(problem).toEqual({
    code: 'InvalidInput',
    message: '3 of 250 findings were refused. The first: f1: too long',
  });
  expect(warnings).toHaveLength(3);
  // FindingsNotDelivered is entered too.
  expect((await readRun(store, runId))!.cost.stepFunctions).toBeCloseTo(0.1 + 5 * 2.5e-5, 6);
});

test('resolved findings are imported as archived; a run of limited scope imports only its own findings', async () => {
  await stored(2, (n) => (n === 0 ? { state: 'resolved' } : {}), {
    scope: { accounts: 'all', principals: [`arn:aws:iam::${ACCOUNT}:role/r*`] },
  });
  await importOnce(null);
  expect(sent).toMatchObject([
    { Id: expect.stringContaining('f0') as string, RecordState: 'ARCHIVED', Workflow: { Status: 'RESOLVED' } },
    { Id: expect.stringContaining('f1') as string, RecordState: 'ACTIVE' },
  ]);
});

test('findings that are cut off are not taken for all', async () => {
  await stored(3, () => ({}), { findings: { ...noFindings(), open: 4 } });
  await expect(importOnce(null)).rejects.toThrow('it has 3 lines, but its run wrote 4');
  expect((await readRun(store, runId))!.securityHub).toBeUndefined();
});

test('an error of Security Hub ends the invocation, and run.json stays as it is', async () => {
  await stored(3);
  const denied = importOnce(null, Infinity, () =>
    Promise.reject(new AwsFault('denied', 'AccessDenied', 'not authorized')),
  );
  await expect(denied).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(await readRun(store, runId)).toEqual(runSummary({ findings: { ...noFindings(), open: 3 } }));
});

test('a retry imports again and does not count its cost twice', async () => {
  await stored(3);
  await importOnce(null);
  const once = await readRun(store, runId);
  expect((await importOnce(null)).status).toBe('FINISHED');
  expect(await readRun(store, runId)).toEqual(once);
});

test('a run.json that was replaced in the meantime stays, and a warning says so', async () => {
  await stored(3);
  const replaced = runSummary({ status: 'PARTIAL', findings: { ...noFindings(), open: 3 } });
  const write = store.write.bind(store);
  jest.spyOn(store, 'write').mockImplementationOnce(async (key, text, condition) => {
    await write(objects.run(runId), JSON.stringify(replaced));
    return write(key, text, condition);
  });
  expect((await importOnce(null)).status).toBe('FINISHED');
  expect(await readRun(store, runId)).toEqual(replaced);
  expect(warnings).toEqual([expect.stringContaining('run.json was replaced in the meantime')]);
});

test('services of one machine import nothing', async () => {
  await stored(1);
  const services = { store, clock: { now: () => 0 }, warn: () => undefined } as unknown as Services;
  const invocation = { remainingMs: () => 900_000, memoryMegabytes: 512, storeRequests: () => ({ puts: 0, gets: 0 }) };
  await expect(importFindings({ runId, accountId: ACCOUNT, progress: null }, services, invocation)).rejects.toThrow(
    'Only the deployed function imports findings',
  );
});
