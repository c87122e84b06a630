import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { basename } from 'node:path';
import { markFolder, newHistoryFolder, readDemoFolder } from '../../../cli/demo/demo-folder.ts';
import { latestRunId } from '../../../core/objects/stored-runs.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const company = { kind: 'company', lastDay: '2026-11-27', days: 30 };

async function historyIn(folder: string): Promise<string> {
  const history = await newHistoryFolder(folder);
  const store = new FolderStore({ folder: history });
  for (const key of ['runs/r1/run.json', 'state/claim.json', 'config/exceptions.json']) await store.write(key, '{}');
  await store.write('latest.json', '{"runId":"r1"}');
  return history;
}

const mark = (folder: string, history: string) =>
  markFolder(folder, { lastDay: '2026-11-27', days: 30, movedFrom: basename(history) });

const visible = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();

test('a folder without results is empty; one with anything that the audit writes has other results', async () => {
  const folder = temporaryFolder();
  expect(await readDemoFolder(join(folder, 'missing'))).toEqual({ kind: 'empty' });
  await writeFile(join(folder, 'notes.txt'), '');
  expect(await readDemoFolder(folder)).toEqual({ kind: 'empty' });
  await mkdir(join(folder, 'runs'));
  expect(await readDemoFolder(folder)).toEqual({ kind: 'other' });
});

test('a history appears in the folder only when it is complete', async () => {
  const folder = join(temporaryFolder(), 'new');
  const history = await historyIn(folder);
  expect(await visible(folder)).toEqual([]);
  expect(await latestRunId(new FolderStore({ folder }), () => undefined)).toBeNull();
  expect(await readDemoFolder(folder)).toEqual({ kind: 'empty' });

  expect(await mark(folder, history)).toEqual(company);
  expect(await visible(folder)).toEqual(['config', 'latest.json', 'runs', 'state']);
  expect(await latestRunId(new FolderStore({ folder }), () => undefined)).toBe('r1');
  expect(await readdir(folder)).not.toContain(basename(history));
});

test('a history of a process that has ended is removed by the next one; that of a running process is not', async () => {
  const folder = temporaryFolder();
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  await mkdir(join(folder, `.~history-${ended}-0a/runs`), { recursive: true });
  const own = await newHistoryFolder(folder);
  const another = await newHistoryFolder(folder);
  expect((await readdir(folder)).sort()).toEqual([basename(own), basename(another)].sort());
});

test('a move that was interrupted is finished when the folder is read again', async () => {
  const folder = temporaryFolder();
  const history = await historyIn(folder);
  const marker = { lastDay: '2026-11-27', days: 30, movedFrom: basename(history) };
  await writeFile(join(folder, '.~demo.json'), JSON.stringify(marker));
  await rename(join(history, 'config'), join(folder, 'config'));
  expect(await latestRunId(new FolderStore({ folder }), () => undefined)).toBeNull();

  expect(await readDemoFolder(folder)).toEqual(company);
  expect(await visible(folder)).toEqual(['config', 'latest.json', 'runs', 'state']);
});

test('of two demos that start at once, the first one to end its history wins', async () => {
  const folder = temporaryFolder();
  const [first, second] = [await historyIn(folder), await historyIn(folder)];
  expect(await mark(folder, first)).toEqual(company);
  await writeFile(join(folder, 'latest.json'), '{"runId":"r2"}');
  expect(await mark(folder, second)).toEqual(company);
  expect(await readFile(join(folder, 'latest.json'), 'utf8')).toBe('{"runId":"r2"}');
});
