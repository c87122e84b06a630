import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { LogListing, LogPeriod } from '../../../core/ports/log-files.ts';
import { FolderLogFiles } from '../../../local/log-analysis/folder-log-files.ts';
import { readForTest, record } from '../../support/log-records.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('folder');
});

const json = JSON.stringify;
async function write(path: string, content = json(record(path))): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}
async function listed(period: Partial<LogPeriod> = {}): Promise<LogListing[]> {
  const found: LogListing[] = [];
  for await (const entry of new FolderLogFiles(folder).list({ since: null, until: null, ...period })) found.push(entry);
  return found;
}
const pathsOf = (found: readonly LogListing[]): string[] =>
  found.filter(({ kind }) => kind === 'file').map(({ path }) => path);

test('nested folders are read, digests and Insights are not', async () => {
  await write('AWSLogs/1/CloudTrail/us-east-1/2026/11/20/a.json.gz');
  await write('AWSLogs/1/CloudTrail-Digest/us-east-1/2026/11/20/d.json.gz');
  await write('AWSLogs/o-1/2/CloudTrail-Insight/us-east-1/2026/11/20/i.json.gz');
  await write('export.json');
  const { ids, leftOut, complete } = await readForTest(new FolderLogFiles(folder));
  expect({ ids, complete }).toEqual({
    ids: ['AWSLogs/1/CloudTrail/us-east-1/2026/11/20/a.json.gz', 'export.json'],
    complete: true,
  });
  expect(leftOut.map(({ what, reason }) => `${what}: ${reason}`)).toEqual([
    'folders: Folders of digests, which contain no records. In AWSLogs/1/CloudTrail-Digest.',
    'folders: Folders of Insights events, which contain no calls. In AWSLogs/o-1/2/CloudTrail-Insight.',
  ]);
});

test('folders of days outside of the period are not read, except the day after', async () => {
  const days = ['2025/12/31', '2026/11/18', '2026/11/19', '2026/11/20', '2026/11/21', '2026/11/22', '2026/12/01'];
  for (const day of days) await write(`AWSLogs/1/CloudTrail/us-east-1/${day}/x`);
  const since = Date.UTC(2026, 10, 19, 12) / 1000;
  const until = Date.UTC(2026, 10, 20, 12) / 1000;
  const read = (paths: string[]) => paths.map((path) => path.slice('AWSLogs/1/CloudTrail/us-east-1/'.length, -2));
  expect(read(pathsOf(await listed({ since, until })))).toEqual(['2026/11/19', '2026/11/20', '2026/11/21']);
  expect(read(pathsOf(await listed({ since })))).toEqual(days.slice(2));
  expect(read(pathsOf(await listed({ until })))).toEqual(days.slice(0, 5));
});

test('one file', async () => {
  await write('x.json');
  expect((await readForTest(new FolderLogFiles(join(folder, 'x.json')))).ids).toEqual(['x.json']);
});

test('symbolic links are followed, and nothing is read twice', async () => {
  await write('a/x.json');
  await symlink('..', join(folder, 'a', 'loop'));
  await symlink('x.json', join(folder, 'a', 'y.json'));
  await symlink('self', join(folder, 'self'));
  await symlink('nothing', join(folder, 'broken'));
  const { ids, leftOut, complete } = await readForTest(new FolderLogFiles(folder));
  expect({ ids, complete }).toEqual({ ids: ['a/x.json'], complete: false });
  expect(leftOut.map(({ reason, count }) => [count, reason.replace(/ In .*/, '')])).toEqual([
    [2, 'Links to what is read in another place.'],
    [1, "Can't be read: it does not exist, or a symbolic link leads to nothing."],
    [1, "Can't be read: its symbolic links lead in a circle."],
  ]);
});

test('a socket is not opened', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
  try {
    const { leftOut } = await readForTest(new FolderLogFiles(folder));
    expect(leftOut).toEqual([
      { what: 'files', count: 1, reason: 'Pipes, sockets and devices are not read. In socket.' },
    ]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('a file that disappears, or that must not be read, is named', async () => {
  await write('a.json');
  await write('b.json');
  const source = new FolderLogFiles(folder);
  const list = source.list.bind(source);
  source.list = async function* (period) {
    for await (const entry of list(period)) {
      if (entry.path === 'b.json') await rm(join(folder, 'b.json'));
      yield entry;
    }
  };
  expect(await readForTest(source)).toMatchObject({
    ids: ['a.json'],
    complete: false,
    leftOut: [{ what: 'files', count: 1 }],
  });
  // The superuser may read every file.
  if (process.getuid?.() === 0) return;
  await chmod(join(folder, 'a.json'), 0);
  expect((await readForTest(new FolderLogFiles(folder))).leftOut[0]?.reason).toContain('permission denied');
});

test('a folder that does not exist is an error', async () => {
  await expect(readForTest(new FolderLogFiles(join(folder, 'none')))).rejects.toThrow(
    /Can't read .*none: it does not exist/,
  );
});
