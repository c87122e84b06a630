import { fetchPlaces, placedLines, type Place } from '../../../core/objects/placed-lines.ts';
import { CountedStore } from '../../../core/ports/store-requests.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('lines are fetched again by place, and lines close together share a request', async () => {
  const folder = temporaryFolder('places');
  const store = new CountedStore(new FolderStore({ folder }));
  const lines = Array.from({ length: 40 }, (_, n) => `${n} ${'ü'.repeat(50_000)}`);
  await store.writeLines('a.jsonl', lines);
  await store.writeLines('b.jsonl', ['x', 'y']);
  const places: Place[] = [];
  for (const key of ['a.jsonl', 'b.jsonl']) {
    for await (const { place } of placedLines(store, key)) places.push(place);
  }
  const before = store.requests.gets;
  const wanted = [places[39]!, places[1]!, places[41]!, places[3]!];
  const fetched = await fetchPlaces(store, wanted);
  const texts = wanted.map((place) => new TextDecoder().decode(fetched.get(place)));
  expect(texts).toEqual([lines[39], lines[1], 'y', lines[3]]);
  expect([fetched.size, store.requests.gets - before]).toEqual([4, 3]);
});
