import { OverlayStore } from '../../../core/estimate/overlay-store.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { allLines, objectStoreSuite } from '../../support/object-store-suite.ts';

const settings = { hidden: new Set<string>(), discards: () => false };

describe('without another store', () => {
  let store = new OverlayStore(null, settings);
  beforeEach(() => {
    store = new OverlayStore(null, settings);
  });
  objectStoreSuite(() => store);
});

describe('over another store', () => {
  let base = new MemoryStore();
  let store = new OverlayStore(base, settings);
  beforeEach(async () => {
    base = new MemoryStore();
    await base.write('state/a.json', 'earlier');
    await base.writeLines('state/lines.jsonl', ['1', '2']);
    store = new OverlayStore(base, {
      hidden: new Set(['state/claim.json']),
      discards: (key) => key.endsWith('/large.jsonl'),
    });
  });

  test('earlier objects are read, and a write does not change them', async () => {
    const etag = (await store.read('state/a.json'))!.etag;
    expect(await allLines(store.readLines('state/lines.jsonl'))).toEqual(['1', '2']);
    await store.write('state/a.json', 'new', { ifMatch: etag });
    await store.write('runs/x.json', '{}');
    expect((await store.read('state/a.json'))?.text).toBe('new');
    expect((await base.read('state/a.json'))?.text).toBe('earlier');
    expect(await allLines(base.list(''))).toEqual(['state/a.json', 'state/lines.jsonl']);
    expect(await allLines(store.list(''))).toEqual(['runs/x.json', 'state/a.json', 'state/lines.jsonl']);
  });

  test('after its writes are forgotten, the earlier objects are visible again', async () => {
    await store.write('state/a.json', 'new');
    store.forget('state/');
    expect((await store.read('state/a.json'))?.text).toBe('earlier');
  });

  test('a hidden object counts as absent', async () => {
    await base.write('state/claim.json', '{}');
    expect(await store.exists('state/claim.json')).toBe(false);
    await store.write('state/claim.json', 'own', { ifNoneMatch: '*' });
    expect((await base.read('state/claim.json'))?.text).toBe('{}');
  });

  test('a discarded object is counted, and its lines are not kept', async () => {
    expect(await store.writeLines('runs/large.jsonl', ['ä', 'b'])).toEqual({ lines: 2, bytes: 5 });
    expect(await store.exists('runs/large.jsonl')).toBe(true);
    expect(await allLines(store.readLines('runs/large.jsonl'))).toEqual([]);
  });
});
