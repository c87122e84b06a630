import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderStore } from '../../local/folder-store.ts';
import { allLines, objectStoreSuite } from '../support/object-store-suite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

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
