import { createHash } from 'node:crypto';
import { chmod, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FolderStore } from '../../local/folder-store.ts';
import { allLines, objectStoreSuite } from '../support/object-store-suite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LOCK_OF_CLAIM = `.~lock-${createHash('sha256').update('state/claim').digest('hex').slice(0, 16)}`;

let folder = '';
let store = new FolderStore({ folder });
beforeEach(() => {
  folder = temporaryFolder('folder-store');
  store = new FolderStore({ folder });
});

objectStoreSuite(() => store);

test('if a writer fails, no file is left', async () => {
  const broken = async function* () {
    yield 'a';
    throw new Error('broke off');
  };
  await expect(store.writeLines('x.jsonl', broken())).rejects.toThrow('broke off');
  expect(await readdir(folder)).toEqual([]);
});

test.each(['../x', '/etc/passwd', 'a//b', 'a/../../b', ''])('the key "%s" is refused', async (key) => {
  await expect(store.write(key, '')).rejects.toThrow('is not a valid object key');
});

test('other users of the machine cannot read results', async () => {
  await store.write('d/e', '');
  expect((await stat(join(folder, 'd/e'))).mode & 0o077).toBe(0);
});

test('the error names the path if a file is in the place of a folder', async () => {
  await writeFile(join(folder, 'runs'), '');
  await expect(store.write('runs/x', '')).rejects.toThrow(/Can't write .*runs\/x: part of the path is a file/);
});

test('temporary files of other processes are not objects', async () => {
  await store.write('a', '');
  await writeFile(join(folder, '.~half'), 'x');
  await chmod(join(folder, '.~half'), 0o600);
  expect(await allLines(store.list(''))).toEqual(['a']);
});

test('temporary files of killed processes are removed, and those of running ones stay', async () => {
  await store.write('runs/x/a', '');
  for (const [name, ageMs] of [
    ['.~0123456789abcdef', 2 * 3_600_000],
    ['.~lock-0123456789abcdef', -2 * 3_600_000],
    ['.~fedcba9876543210', 60_000],
  ] as const) {
    const path = join(folder, 'runs/x', name);
    await writeFile(path, '');
    const at = new Date(Date.now() - ageMs);
    await utimes(path, at, at);
  }
  await store.removeLeftovers();
  expect((await readdir(join(folder, 'runs/x'))).sort()).toEqual(['.~fedcba9876543210', 'a']);
  await expect(new FolderStore({ folder: join(folder, 'none') }).removeLeftovers()).resolves.toBeUndefined();
});

test.each([
  ['an hour old', 3_600_000],
  ['from the future, because the clock was set back', -3_600_000],
])('a lock that is %s is removed', async (_, ageMs) => {
  const etag = await store.write('state/claim', 'one');
  const lock = join(folder, 'state', LOCK_OF_CLAIM);
  await writeFile(lock, '');
  const at = new Date(Date.now() - ageMs);
  await utimes(lock, at, at);
  const startedAt = performance.now();
  await store.write('state/claim', 'two', { ifMatch: etag });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect((await store.read('state/claim'))?.text).toBe('two');
  expect(await readdir(join(folder, 'state'))).toEqual(['claim']);
});

test('a lock that another process holds is waited for', async () => {
  const etag = await store.write('state/claim', 'one');
  const lock = join(folder, 'state', LOCK_OF_CLAIM);
  await writeFile(lock, '');
  const written = store.write('state/claim', 'two', { ifMatch: etag });
  await setTimeout(100);
  expect((await store.read('state/claim'))?.text).toBe('one');
  await rm(lock);
  await written;
  expect((await store.read('state/claim'))?.text).toBe('two');
});
