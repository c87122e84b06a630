import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { LogFilesError } from '../../../core/ports/log-files.ts';
import { LogWorkerThread } from '../../../local/log-analysis/log-worker-thread.ts';
import { readLogs, type LogReadProgress } from '../../../local/log-analysis/read-logs.ts';
import { MemoryLogFiles, otherService, readForTest, record } from '../../support/log-records.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const json = JSON.stringify;
let folder: string;
beforeEach(() => {
  folder = temporaryFolder('workers');
});

const log = (n: number): string =>
  json({
    Records: Array.from({ length: 50 }, (_, m) => (m % 3 === 0 ? otherService(`x${n}.${m}`) : record(`r${n}.${m}`))),
  });

test('threads read the same as this thread', async () => {
  const files: Record<string, Buffer | readonly (Buffer | Error)[]> = {
    empty: Buffer.alloc(0),
    foreign: Buffer.alloc(3 << 20, 'x'),
  };
  for (let n = 0; n < 30; n += 1) files[`f${n}`] = n % 7 === 0 ? gzipSync(log(n)).subarray(0, -100) : gzipSync(log(n));
  files.fault = [Buffer.from(log(99).slice(0, 9_000)), new Error("Can't be downloaded: reset")];
  const source = new MemoryLogFiles(files, 700);
  const progress: LogReadProgress[] = [];
  const here = await readForTest(source, { workers: 0 });
  const threads = await readForTest(source, { workers: 2, onProgress: (now) => progress.push(now) });
  expect(threads.read).toEqual(here.read);
  expect(here.rows).toBeGreaterThan(800);
  // Examples of paths depend on the order in which the threads end.
  const summary = ({ leftOut, files: count, events, rows, from, to, complete }: typeof here) => ({
    leftOut: leftOut.map(({ what, reason, count: n }) => `${what} ${reason.replace(/ In .*/, '')} ${n}`).sort(),
    ...{ count, events, rows, from, to, complete },
  });
  expect(summary(threads)).toEqual(summary(here));
  expect(progress.at(-1)).toEqual({ files: 33, filesDone: 33, events: here.events, rows: here.rows });
});

test('a thread that fails is an error with its reason, and leaves no rows', async () => {
  const script = join(folder, 'crash.mjs');
  await writeFile(
    script,
    "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { throw new Error('out of luck'); });",
  );
  const thread = new LogWorkerThread(
    { rowsFolder: folder, name: 'r', since: null, until: null },
    pathToFileURL(script),
  );
  const read = thread.read('x', new MemoryLogFiles({ x: 'x'.repeat(1 << 20) }).open('x'));
  await expect(read).rejects.toThrow(/^A thread that reads log files failed: .*out of luck/);
});

test('a thread that ends early is an error', async () => {
  const script = join(folder, 'exit.mjs');
  await writeFile(script, 'process.exit(3);');
  const thread = new LogWorkerThread(
    { rowsFolder: folder, name: 'r', since: null, until: null },
    pathToFileURL(script),
  );
  await expect(thread.read('x', new MemoryLogFiles({ x: 'x' }).open('x'))).rejects.toThrow('It ended with code 3.');
});

describe('the folder of rows', () => {
  const options = { since: null, until: null, workers: 0 };

  test('does not appear if reading fails', async () => {
    const source = new MemoryLogFiles({ a: json(record('a')) });
    source.list = async function* () {
      yield { kind: 'file' as const, path: 'a', bytes: 1 };
      throw new LogFilesError("Can't be listed: AccessDenied");
    };
    await expect(readLogs({ source, rowsFolder: join(folder, 'rows'), ...options })).rejects.toThrow("Can't be listed");
    expect(await readdir(folder)).toEqual([]);
  });

  test('must be empty', async () => {
    await mkdir(join(folder, 'rows'));
    await writeFile(join(folder, 'rows', 'x.ndjson'), '');
    const read = readLogs({ source: new MemoryLogFiles({}), rowsFolder: join(folder, 'rows'), ...options });
    await expect(read).rejects.toThrow('must be empty');
    expect(await readdir(join(folder, 'rows'))).toEqual(['x.ndjson']);
  });

  test('that can not be written is an error with the reason', async () => {
    await writeFile(join(folder, 'file'), '');
    const read = readLogs({ source: new MemoryLogFiles({}), rowsFolder: join(folder, 'file', 'rows'), ...options });
    await expect(read).rejects.toThrow("The rows of the logs can't be written: ENOTDIR");
  });
});
