import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectNotFound, PreconditionFailed } from '../../core/store.ts';
import { FolderStore } from '../../local/folder-store.ts';

let folder = '';
let store = new FolderStore({ folder });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-store-'));
  store = new FolderStore({ folder });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const all = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
};

test('what was written is read, with an etag that names the version', async () => {
  const etag = await store.write('a/b.json', 'ä\u2028\r\nx');
  expect(await store.read('a/b.json')).toEqual({ text: 'ä\u2028\r\nx', etag });
  expect(await store.read('a/none')).toBeNull();
});

test('lines and their ranges come back as they were', async () => {
  const lines = ['{"a":"ä"}', 'with\rreturn and \u2028', '', 'x'.repeat(200_000)];
  const { bytes } = await store.writeLines('l.jsonl', lines);
  expect(await all(store.readLines('l.jsonl'))).toEqual(lines);
  const offset = Buffer.byteLength(`${lines[0]!}\n`);
  expect(await all(store.readLines('l.jsonl', { offset, length: Buffer.byteLength(`${lines[1]!}\n`) }))).toEqual([
    lines[1],
  ]);
  expect(bytes).toBe((await stat(join(folder, 'l.jsonl'))).size);
  await expect(all(store.readLines('none'))).rejects.toBeInstanceOf(ObjectNotFound);
});

test('a writer that breaks off leaves nothing', async () => {
  const broken = async function* () {
    yield 'a';
    throw new Error('broke off');
  };
  await expect(store.writeLines('x.jsonl', broken())).rejects.toThrow('broke off');
  expect(await readdir(folder)).toEqual([]);
});

test('of twenty writers that only create, one wins', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => store.write('c', String(n), { ifNoneMatch: '*' })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(PreconditionFailed);
});

test('of twenty writers that replace the same version, one wins', async () => {
  const ifMatch = await store.write('c', 'old');
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) => store.write('c', String(n), { ifMatch })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('keys are listed in the order of their bytes, by prefix', async () => {
  for (const key of ['b/2', 'b/10', 'a', 'b/sub/1']) await store.write(key, '');
  expect(await all(store.list('b/'))).toEqual(['b/10', 'b/2', 'b/sub/1']);
});

test.each(['../x', '/etc/passwd', 'a//b', 'a/../../b', ''])('the key "%s" is refused', async (key) => {
  await expect(store.write(key, '')).rejects.toThrow('is no key of an object');
});

test('nobody else on the machine may read results', async () => {
  await store.write('d/e', '');
  expect((await stat(join(folder, 'd/e'))).mode & 0o077).toBe(0);
});
