import * as v from 'valibot';
import { readObject, readObjectLines, unlessDamaged } from '../../../core/ports/stored-objects.ts';
import { DamagedObject } from '../../../core/ports/store.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const Thing = v.object({ schemaVersion: v.literal(1), list: v.array(v.object({ name: v.string() })) });
const Unversioned = v.object({ name: v.string() });
const key = 'runs/x/thing.json';

test.each([
  ['', Thing, 'it is empty'],
  [' \n', Thing, 'it is empty'],
  ['{"schemaVersion":1,"li', Thing, 'it ends too early'],
  ['{"schemaVersion":1', Thing, 'it ends too early'],
  ['{"schemaVersion":1,', Thing, 'it ends too early'],
  ['{"schemaVersion":1;"list":[]}', Thing, /^it is not valid JSON \(.*\)$/],
  ['{"schemaVersion":99,"other":[]}', Thing, 'it has schema version 99, but this version of iam-audit reads version 1'],
  ['{"schemaVersion":1,"list":[{}]}', Thing, /^it lacks the field list\.0\.name$/],
  ['{"schemaVersion":1,"list":[{"name":5}]}', Thing, /^it has a wrong field list\.0\.name \(.*\)$/],
  ['[]', Thing, /^it lacks the field schemaVersion$/],
  ['{"schemaVersion":99,"name":"a"}', Unversioned, /^it has schema version 99/],
])('%j can’t be used, and the reason says why', async (text, schema, reason) => {
  const store = new MemoryStore();
  const etag = await store.write(key, text);
  const failed: unknown = await readObject(store, key, schema).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(DamagedObject);
  const damage = failed as DamagedObject;
  expect(damage).toMatchObject({ key, etag, message: `${key} can't be used: ${damage.reason}.` });
  expect(damage.reason).toMatch(typeof reason === 'string' ? new RegExp(`^${reason}$`) : reason);
});

test('the first version may be named or not', async () => {
  const store = new MemoryStore();
  for (const text of ['{"name":"a"}', '{"schemaVersion":1,"name":"a"}']) {
    await store.write(key, text);
    expect((await readObject(store, key, Unversioned))?.value).toEqual({ name: 'a' });
  }
  expect(await readObject(store, 'none', Unversioned)).toBeNull();
});

test('lines before a damaged one are read, and the reason names the line', async () => {
  const store = new MemoryStore();
  await store.writeLines(key, ['{"name":"a"}', '{"name":"b"}', '{"name":']);
  const names: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { name } of readObjectLines(store, key, Unversioned)) names.push(name);
  };
  await expect(read()).rejects.toThrow(`${key} can't be used: line 3 ends too early.`);
  expect(names).toEqual(['a', 'b']);
});

test('only damage is replaced: another error of the store is thrown', async () => {
  const told: string[] = [];
  const damaged = () => Promise.reject(new DamagedObject(key, 'it is empty'));
  expect(await unlessDamaged(damaged, null, ({ reason }) => told.push(reason))).toBeNull();
  expect(told).toEqual(['it is empty']);
  await expect(
    unlessDamaged(
      () => Promise.reject(new RangeError('no')),
      null,
      () => undefined,
    ),
  ).rejects.toThrow(RangeError);
});
