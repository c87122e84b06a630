import { diff } from '../../cli/diff.ts';
import { exitCodes } from '../../cli/exit-codes.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { writeLatest, writeRun } from '../../core/objects/stored-runs.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Jest can't load the package `open`.
jest.mock('../../cli/open-in-browser.ts', () => ({ opensInBrowser: () => Promise.resolve(false) }));

const ACCOUNT = '111122223333';
const id = (day: number): string => `202611${String(day).padStart(2, '0')}T040000Z-aaaaaa`;
const none = { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 };

let store: FolderStore;
let said: string[];
beforeEach(() => {
  store = new FolderStore({ folder: temporaryFolder('diff'), durable: false });
  said = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Stores runs of the first days of a month, the last of them as the latest. Each has the one before it as its previous one. */
async function stored(...runs: Partial<RunSummary>[]): Promise<void> {
  for (const [index, fields] of runs.entries()) {
    const run: RunSummary = {
      schemaVersion: 1,
      runId: id(index + 1),
      startedAt: `2026-11-0${index + 1}T04:00:00.000Z`,
      finishedAt: `2026-11-0${index + 1}T05:00:00.000Z`,
      status: 'COMPLETE',
      scope: { accounts: 'all', principals: 'all' },
      accounts: [{ accountId: ACCOUNT, status: 'COMPLETE', principals: none }],
      principals: none,
      calls: {},
      cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
      previous: index === 0 ? null : id(index),
      ...fields,
    };
    await writeRun(store, run);
    await store.writeLines(objects.accounts(run.runId), [JSON.stringify({ accountId: ACCOUNT, resumeFrom: null })]);
    await store.writeLines(objects.principals(run.runId, ACCOUNT), []);
    await store.writeLines(objects.accountFindings(run.runId, ACCOUNT), []);
    await store.writeLines(objects.findings(run.runId), []);
    await writeLatest(store, run.runId);
  }
}

/** The run with which the last one is compared; null if there is none. */
async function comparedWith(): Promise<string | null> {
  const printed: string[] = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  const code = await diff({ out: store.bucket, json: true });
  if (code === exitCodes.failed) return null;
  return (JSON.parse(printed.join('')) as { from: string }).from;
}

test.each<[string, Partial<RunSummary>]>([
  ['failed', { status: 'FAILED' }],
  ['has not ended', { status: 'RUNNING' }],
  ['audited some principals', { scope: { accounts: 'all', principals: ['arn:aws:iam::*:user/*'] } }],
  ['audited other accounts', { scope: { accounts: ['111122223334'], principals: 'all' }, accounts: [] }],
])('a run that %s is passed over: the last run is compared with the one before it', async (_what, fields) => {
  await stored({}, fields, {});
  expect(await comparedWith()).toBe(id(1));
});

test.each<[string, Partial<RunSummary>]>([
  ['PARTIAL', { status: 'PARTIAL' }],
  ['of all accounts, of which one was added later', { accounts: [] }],
  ['of the same accounts', { scope: { accounts: [ACCOUNT], principals: 'all' } }],
])('a run that is %s is comparable', async (_what, fields) => {
  await stored({}, fields, {});
  expect(await comparedWith()).toBe(id(2));
});

test('without a comparable run it says so', async () => {
  await stored({ status: 'FAILED' }, {});
  expect(await diff({ out: store.bucket, json: false })).toBe(exitCodes.failed);
  expect(said.join('')).toContain(`Run ${id(2)} can't be compared: no earlier run audited all principals`);
});

test.each([
  ['from', 1],
  ['to', 2],
])('a run that is named with --%s and has not ended is refused, and named', async (_option, unfinished) => {
  await stored(
    { status: unfinished === 1 ? 'RUNNING' : 'COMPLETE' },
    { status: unfinished === 2 ? 'RUNNING' : 'COMPLETE' },
  );
  expect(await diff({ out: store.bucket, from: id(1), to: id(2), json: false })).toBe(exitCodes.failed);
  expect(said.join('')).toContain(`Run ${id(unfinished)} has not ended. Compare it when it has ended.`);
});
