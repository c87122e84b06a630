import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditHistory } from '../../cli/demo/company-history.ts';
import { objects } from '../../core/contract/objects.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const folder = temporaryFolder('report');
const store = new FolderStore({ folder });
let runId = '';

beforeAll(async () => {
  await auditHistory({
    ...{ folder, lastDay: Date.parse('2026-11-27T00:00:00Z'), daysAgo: [0], bystanderShare: 0, seed: 1 },
    ...{ limit: { rate: 20, size: 20 }, warn: () => undefined },
  });
  runId = (JSON.parse(readFileSync(store.path(objects.latest), 'utf8')) as { runId: string }).runId;
}, 60_000);

function report(format: string): readonly [status: number | null, stdout: string, stderr: string] {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [COMMAND_LINE, 'report', '--out', folder, '--format', format],
    { cwd: join(__dirname, '../..'), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return [status, stdout, stderr];
}

/** The report after an object was damaged, or removed. The object is then whole again. */
function reportAfter(
  key: string,
  damage: ((whole: Buffer) => Buffer) | null,
  format: string,
): ReturnType<typeof report> {
  const path = store.path(key);
  const whole = readFileSync(path);
  if (damage === null) rmSync(path);
  else writeFileSync(path, damage(whole));
  const result = report(format);
  writeFileSync(path, whole);
  return result;
}

test.each(['asff', 'ocsf', 'sarif'])('%s: no character that a terminal interprets is printed', (format) => {
  const hostile = 'a\u202e\u009b\u061cb';
  const named = (whole: Buffer): Buffer =>
    Buffer.from(whole.toString('utf8').replaceAll(/(?<="principalArn":"[^"]*):role\/(?=[^"]*")/g, `:role/${hostile}`));
  const [status, stdout] = reportAfter(objects.findings(runId), named, format);
  expect([status, stdout]).toEqual([0, expect.not.stringMatching(/[\u007f-\u009f\u061c\u202e]/)]);
  expect(JSON.stringify(JSON.parse(stdout))).toContain(hostile);
});

test.each(['asff', 'ocsf', 'sarif'])('%s: nothing but the error is printed if the findings are damaged', (format) => {
  const key = objects.findings(runId);
  const [status, stdout] = report(format);
  expect([status, typeof JSON.parse(stdout)]).toEqual([0, 'object']);
  const damages: readonly ((whole: Buffer) => Buffer)[] = [
    // Within the last line, and between two lines.
    (whole) => whole.subarray(0, whole.length - 20),
    (whole) => whole.subarray(0, whole.lastIndexOf('\n', whole.length - 2) + 1),
  ];
  for (const damage of damages) {
    expect(reportAfter(key, damage, format)).toEqual([1, '', expect.stringContaining(key)]);
  }
});

test.each([
  ['csv', objects.findingsTable],
  ['html', objects.report],
  ['json', objects.run],
])('%s: a damaged object is not printed as if it were whole', (format, keyOf) => {
  const key = keyOf(runId);
  const [status, stdout, stderr] = report(format);
  expect([status, stdout, stderr]).toEqual([0, readFileSync(store.path(key), 'utf8'), '']);
  const damages: readonly ((whole: Buffer) => Buffer)[] = [
    () => Buffer.alloc(0),
    (whole) => whole.subarray(0, whole.length / 2),
    (whole) => whole.subarray(0, whole.lastIndexOf('\n', whole.length - 2) + 1),
    (whole) => Buffer.alloc(whole.length),
  ];
  for (const damage of damages) {
    expect(reportAfter(key, damage, format)).toEqual([1, '', expect.stringContaining(`${key} can't be used: `)]);
  }
});

test.each([
  ['sarif', objects.findings],
  ['html', objects.report],
])('%s: a missing object of a run that has ended is named', (format, keyOf) => {
  const key = keyOf(runId);
  expect(reportAfter(key, null, format)).toEqual([
    1,
    '',
    expect.stringContaining(`The object ${key} is missing, but run ${runId} ended COMPLETE.`),
  ]);
});
