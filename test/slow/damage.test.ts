import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { RunSuperseded } from '../../core/run/claim.ts';
import { summariseAccount } from '../../core/states/summarise-account.ts';
import { summariseRun } from '../../core/states/summarise-run.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';
import { reportOfRun } from '../support/report-data.ts';
import { reportPage } from '../../report-app/built/page.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const OTHER = '222233334444';
const both = { accountIds: [HUB, OTHER] };

let audit: VirtualAudit | null = null;
let warnings: string[] = [];
afterEach(async () => {
  await audit?.close();
  audit = null;
});

/** Two accounts after their first day. */
async function firstDay(): Promise<VirtualAudit> {
  const accounts = [auditableAccount(HUB, 9), auditableAccount(OTHER, 9)];
  // So many days between refreshes that no refresh falls into a test.
  const run = await VirtualAudit.start({ accounts }, { refreshEveryDays: 30_000 });
  audit = run;
  warnings = [];
  const services = run.services.bind(run);
  run.services = () => ({ ...services(), warn: (message) => warnings.push(message) });
  await run.run(both);
  return run;
}

async function nextDay(run: VirtualAudit, day: number, input = {}): Promise<RunSummary> {
  await run.clock.sleep(START + day * DAY_MS - run.clock.now());
  await run.run({ ...both, ...input });
  return run.lastRun();
}

const statuses = (run: RunSummary): string[] => run.accounts.map(({ status }) => status);
const damaging = (key: string): string[] => warnings.filter((warning) => warning.includes(key));

const wrongShape = gzipSync('{"arn":"arn:aws:iam::222233334444:role/x","lastAccessed":{"fingerprint":"x"}}\n');
test.each<[string, (whole: Buffer) => Buffer, object]>([
  ['of a wrong shape', () => wrongShape, {}],
  ['of a wrong shape, in a run that asks everything', () => wrongShape, { full: true }],
  ['of broken JSON', () => gzipSync('{"arn":\n'), {}],
  ['that ends too early', (whole) => whole.subarray(0, Math.floor(whole.length / 2)), {}],
  ['of bytes that are no gzip', () => Buffer.from('no gzip'), {}],
])('kept evidence and findings %s are not known, and whole again after the run', async (_, damage, input) => {
  const run = await firstDay();
  const keys = [objects.evidence(OTHER), objects.findingsBase(OTHER)];
  for (const key of keys) await writeFile(join(run.folder, key), damage(await readFile(join(run.folder, key))));
  const second = await nextDay(run, 1, input);
  expect([second.status, statuses(second)]).toEqual(['COMPLETE', ['COMPLETE', 'COMPLETE']]);
  expect(keys.map((key) => damaging(key).length)).toEqual([1, 1]);
  const third = await nextDay(run, 2);
  expect([third.status, warnings.length]).toEqual(['COMPLETE', 2]);
  expect(third.principals.carriedForward).toBeGreaterThan(0);
});

test('lines before a damaged line of the stored evidence are still carried', async () => {
  const run = await firstDay();
  const path = join(run.folder, objects.evidence(OTHER));
  const lines: string[] = [];
  for await (const line of run.store.readLines(objects.evidence(OTHER))) lines.push(line);
  await writeFile(path, gzipSync([...lines.slice(0, 4), '{"arn":', ...lines.slice(4)].join('\n')));
  const second = await nextDay(run, 1);
  expect(second.status).toBe('COMPLETE');
  const carried = (await run.records(second, OTHER)).filter(({ permissions }) => permissions.carriedFrom !== null);
  const sound = lines.slice(0, 4).map((line) => (JSON.parse(line) as { arn: string }).arn);
  expect(carried.map(({ arn }) => arn).sort()).toEqual(sound.sort());
});

/** A store that fails to write or read some keys. */
function failing(store: ObjectStore, verb: 'write' | 'read', fault: () => Error, ...keys: string[]): ObjectStore {
  const check = (asked: 'write' | 'read', key: string): void => {
    if (asked === verb && keys.includes(key)) throw fault();
  };
  return {
    bucket: store.bucket,
    exists: (key) => store.exists(key),
    read: (key) => store.read(key),
    write: (key, text, condition) => store.write(key, text, condition),
    list: (prefix) => store.list(prefix),
    readBytes: (key) => store.readBytes(key),
    writeBytes: (key, parts) => store.writeBytes(key, parts),
    async *readLines(key, range) {
      check('read', key);
      yield* store.readLines(key, range);
    },
    async writeLines(key, lines) {
      check('write', key);
      return store.writeLines(key, lines);
    },
  };
}

const invocation = { remainingMs: () => 900_000, memoryMegabytes: 1024, storeRequests: () => ({ puts: 0, gets: 0 }) };
const input = (runId: string) => ({ runId, accountId: OTHER, inventory: null, results: [], error: null });

test.each([
  ['evidence', (runId: string) => [runId, objects.evidence(OTHER)]],
  ['Recommendations', (runId: string) => [runId, objects.recommendations(runId, OTHER)]],
  ['Findings', (runId: string) => [runId, objects.accountFindings(runId, OTHER)]],
])('an account of which %s can’t be written has its records and says what is missing', async (what, keys) => {
  const run = await firstDay();
  const { runId } = await run.lastRun();
  const services = run.services();
  const store = failing(services.store, 'write', () => new RangeError('no room'), ...keys(runId));
  const told = await summariseAccount(input(runId), { ...services, store }, invocation);
  expect(told.status).toBe('PARTIAL');
  const account = await run.account(await run.lastRun(), OTHER);
  expect(account).toMatchObject({ status: 'PARTIAL', principals: { total: 10 }, error: { code: 'RangeError' } });
  expect(account.error?.message).toMatch(new RegExp(`${what}.*no room`));
});

test('an invocation that lost the claim writes nothing more, at every step', async () => {
  const run = await firstDay();
  const { runId } = await run.lastRun();
  const services = run.services();
  const superseded = (): Error => new RunSuperseded(runId, null);
  const unsaved = failing(services.store, 'write', superseded, objects.evidence(OTHER));
  await expect(summariseAccount(input(runId), { ...services, store: unsaved }, invocation)).rejects.toThrow(
    RunSuperseded,
  );
  await writeFile(join(run.folder, objects.account(runId, OTHER)), '');
  const unread = failing(services.store, 'read', superseded, objects.inventory(runId, OTHER));
  await expect(
    summariseRun({ runId, error: null }, { ...services, store: unread }, invocation, reportPage),
  ).rejects.toThrow(RunSuperseded);
});

test('an account that cannot be summarised is FAILED with a reason, and the report has the others', async () => {
  const run = await firstDay();
  const { runId } = await run.lastRun();
  await writeFile(join(run.folder, objects.account(runId, OTHER)), '{"schemaVersion":');
  await writeFile(join(run.folder, objects.inventory(runId, OTHER)), '{"accountId":"2222"}\n');
  expect(await summariseRun({ runId, error: null }, run.services(), invocation, reportPage)).toEqual({
    runId,
    status: 'PARTIAL',
    notification: expect.objectContaining({
      subject: 'IAM audit: PARTIAL, 2 new high, 1 of 2 accounts not audited',
    }) as unknown,
    events: [{ Entries: [expect.objectContaining({ DetailType: 'IAM Audit Run Ended' })] }],
    throttled: null,
  });
  const again = await run.lastRun();
  expect(statuses(again)).toEqual(['COMPLETE', 'FAILED']);
  expect(again.accounts[1]?.error).toMatchObject({ code: 'DamagedObject' });
  expect((await run.account(again, OTHER)).error?.message).toContain('could not be summarised');
  const { principals, accounts } = await reportOfRun(run.store, runId);
  expect(principals.some(({ account }) => account.accountId === HUB)).toBe(true);
  expect(accounts[1]?.error?.message).toContain('could not be summarised');
});

test.each([
  ['records', objects.principals],
  ['findings', objects.accountFindings],
])('an account whose %s are damaged is told, and the run has the others', async (_, keyOf) => {
  const run = await firstDay();
  const { runId } = await run.lastRun();
  const key = keyOf(runId, OTHER);
  const text = (await run.store.read(key))?.text ?? '';
  await writeFile(join(run.folder, key), text.slice(0, text.length - 40));
  expect((await summariseRun({ runId, error: null }, run.services(), invocation, reportPage)).status).toBe('PARTIAL');
  const again = await run.lastRun();
  expect(statuses(again)).toEqual(['COMPLETE', 'PARTIAL']);
  expect(again.accounts[1]?.error?.code).toBe('Damaged');
  expect(again.accounts[1]?.error?.message).toContain(key);
  const report = await reportOfRun(run.store, runId);
  expect(report.end.unreadable.join()).toContain(key);
  expect(report.principals.filter(({ account }) => account.accountId === HUB).length).toBeGreaterThan(0);
  expect(damaging(key)).toHaveLength(1);
  // Only existing records are counted.
  let lines = 0;
  for await (const line of run.store.readLines(objects.findings(runId))) if (line !== '') lines += 1;
  const { new: fresh = 0, open = 0, suppressed = 0, resolved = 0 } = again.findings ?? {};
  expect([fresh + open + suppressed + resolved, lines > 0]).toEqual([lines, true]);
});
