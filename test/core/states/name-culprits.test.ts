import { rm } from 'node:fs/promises';
import type { NameCulpritsInput, ResultSet } from '../../../core/contract/messages.ts';
import { objects } from '../../../core/contract/objects.ts';
import { readRun, writeRun } from '../../../core/objects/stored-runs.ts';
import type { Services } from '../../../core/ports/services.ts';
import { nameCulprits } from '../../../core/states/name-culprits.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { reportPage } from '../../../report-app/built/page.ts';
import { dataOfReport } from '../../support/report-data.ts';
import { runSummary } from '../../support/run-summary.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const runId = '20261123T040000Z-aaaaaa';
const hostile = 'arn:aws:iam::111122223333:role/<script>alert(1)</script>\u001b[2J';
const run = runSummary();

let folder = '';
let store: FolderStore;
beforeEach(async () => {
  folder = temporaryFolder('culprits');
  store = new FolderStore({ folder });
  await writeRun(store, run);
});

const warnings: string[] = [];
const services = (): Services =>
  ({
    store,
    clock: { now: () => Date.parse('2026-11-23T04:40:00Z') },
    settings: { notify: 'always' },
    warn: (message: string) => warnings.push(message),
  }) as never;
const invocation = { remainingMs: () => 1_000, memoryMegabytes: 1024, storeRequests: () => ({ puts: 0, gets: 2 }) };

/** An answer of Athena with one caller. */
const resultSet: ResultSet = (() => {
  const columns: readonly (readonly [string, string, string])[] = [
    ['pool', 'varchar', 'iam:111122223333'],
    ['place', 'bigint', '1'],
    ['caller', 'varchar', hostile],
    ['caller_kind', 'varchar', 'role'],
    ['account', 'varchar', '111122223333'],
    ['served', 'bigint', '90'],
    ['refused', 'bigint', '0'],
    ['audit_calls', 'bigint', '0'],
    ['peak_minute', 'bigint', '45'],
    ['minutes', 'bigint', '2'],
    ['pool_served', 'bigint', '100'],
    ['pool_refused', 'bigint', '20'],
    ['judged_refused', 'bigint', '20'],
    ['unexplained', 'bigint', '0'],
    ['bucket_share', 'double', '0.2'],
    ['caller_share', 'double', '0.0'],
    ['blame', 'double', '18.0'],
    ['blame_share', 'double', '0.9'],
    ['operation', 'varchar', 'iam:GetRole'],
    ['blamed_operation', 'varchar', 'iam:GetRole'],
    ['second_operation', 'varchar', 'iam:ListRoles'],
    ['limit_served', 'bigint', '900'],
    ['limit_minutes', 'bigint', '3'],
  ];
  return {
    ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Type })) },
    Rows: [
      { Data: columns.map(([VarCharValue]) => ({ VarCharValue })) },
      { Data: columns.map(([, , VarCharValue]) => ({ VarCharValue })) },
    ],
  };
})();
const inputWith = (answer: NameCulpritsInput['answer']): NameCulpritsInput => ({
  runId,
  throttled: { from: 0, to: 600, analysis: 'a', parameters: [] },
  answer,
  scannedBytes: [2e11, 1],
});
const input = inputWith({ resultSet, isPart: false });
const report = async (): Promise<string> => (await store.read(objects.report(runId)))!.text;

test('names of callers are text in the report and in the message, never HTML or escape sequences', async () => {
  const { addition } = await nameCulprits(input, services(), invocation, reportPage);
  expect((await readRun(store, runId))?.culprits?.callers).toMatchObject([{ caller: hostile }]);
  const html = await report();
  expect((await dataOfReport(html)).head.run.culprits?.callers).toMatchObject([{ caller: hostile }]);
  expect(html).not.toContain('<script>alert');
  expect(addition).toContain('\\x1b[2J');
});

test('a retry adds the cost once', async () => {
  await nameCulprits(input, services(), invocation, reportPage);
  const first = await readRun(store, runId);
  // A terabyte costs $5, and a query at least the price of 10 MB.
  expect(first?.cost).toMatchObject({ athena: 1.00005, stepFunctions: 0.1 + 5 * 2.5e-5 });
  await rm(store.path(objects.report(runId)));
  expect(await nameCulprits(input, services(), invocation, reportPage)).toMatchObject({ runId, status: 'COMPLETE' });
  expect(await readRun(store, runId)).toEqual(first);
  expect((await dataOfReport(await report())).head.run.culprits?.callers).toHaveLength(1);
});

test('a run.json that another process has replaced is left as it is', async () => {
  const write = store.write.bind(store);
  store.write = async (key, text, condition) => {
    await write(key, `${JSON.stringify({ ...run, status: 'PARTIAL' })}\n`);
    return write(key, text, condition);
  };
  expect(await nameCulprits(input, services(), invocation, reportPage)).toMatchObject({ status: 'COMPLETE' });
  const stored = await readRun(store, runId);
  expect([stored?.status, stored?.culprits]).toEqual(['PARTIAL', undefined]);
  expect(await store.exists(objects.report(runId))).toBe(false);
  expect(warnings.join()).toContain('run.json was replaced');
});

test('an answer of which only a part was read says so, and names the callers of that part', async () => {
  await nameCulprits(inputWith({ resultSet, isPart: true }), services(), invocation, reportPage);
  const culprits = (await readRun(store, runId))?.culprits;
  expect(culprits?.callers).toHaveLength(1);
  expect(culprits?.note).toMatch(/^The answer has more rows than a run reads/);
});

test('an answer with a wrong type is a note, and not a failure', async () => {
  const [first, ...others] = resultSet.ResultSetMetadata.ColumnInfo;
  const wrong = { ...resultSet, ResultSetMetadata: { ColumnInfo: [{ ...first!, Type: 'map' }, ...others] } };
  await nameCulprits(inputWith({ resultSet: wrong, isPart: false }), services(), invocation, reportPage);
  expect((await readRun(store, runId))?.culprits?.note).toContain(
    'could not be answered: The query callers has a value',
  );
});

test('a run without run.json is an error that names it', async () => {
  await rm(store.path(objects.run(runId)));
  const throttled = { from: 0, to: 600, analysis: 'a', parameters: [] };
  const answer = { error: { code: 'States.TaskFailed', message: 'no query' } };
  await expect(
    nameCulprits({ runId, throttled, answer, scannedBytes: [] }, services(), invocation, reportPage),
  ).rejects.toThrow(`Run ${runId} has no run.json.`);
});
