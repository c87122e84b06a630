import type { ObjectStore } from '../../core/ports/store.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { inVirtualTime } from '../../local/virtual-store.ts';
import { allLines, objectStoreSuite } from '../support/object-store-suite.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder = '';
let clock = new VirtualClock(0);
let store: ObjectStore;
beforeEach(() => {
  folder = temporaryFolder('virtual-store');
  clock = new VirtualClock(0);
  store = inVirtualTime(new FolderStore({ folder }), clock);
});

objectStoreSuite(() => store);

test('file access takes no virtual time, even if a sleep would end soon', async () => {
  const slept = clock.sleep(1).then(() => clock.now());
  await store.writeLines('l', ['a', 'b']);
  await store.write('t', 'text', { ifNoneMatch: '*' });
  const values = [await store.exists('t'), (await store.read('t'))?.text, await allLines(store.list(''))];
  expect([...values, await allLines(store.readLines('l'))]).toEqual([true, 'text', ['l', 't'], ['a', 'b']]);
  expect(clock.now()).toBe(0);
  expect(await slept).toBe(1);
});

test('virtual time stops only while the next line is read', async () => {
  await store.writeLines('l', ['a', 'b', 'c']);
  const times: number[] = [];
  for await (const line of store.readLines('l')) {
    if (line === 'b') await clock.sleep(500);
    times.push(clock.now());
  }
  expect(times).toEqual([0, 500, 500]);
});

test('virtual time passes while a writer waits for its lines', async () => {
  const lines = async function* () {
    for (const line of ['a', 'b']) {
      await clock.sleep(1_000);
      yield line;
    }
  };
  expect(await store.writeLines('l', lines())).toEqual({ lines: 2, bytes: 4 });
  expect(clock.now()).toBe(2_000);
});
