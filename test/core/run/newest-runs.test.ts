import { newestRuns } from '../../../core/run/newest-runs.ts';
import { allLines } from '../../support/object-store-suite.ts';
import { MemoryStore } from '../../support/memory-store.ts';

test('the runs of a store, the newest first, with few listings', async () => {
  const store = new MemoryStore();
  const runs = [
    '20251231T235959Z-aaaaaa',
    '20261123T040000Z-bbbbbb',
    '20261123T040001Z-cccccc',
    '20261124T040000Z-dddddd',
  ];
  for (const runId of runs) {
    for (const object of ['accounts.jsonl', 'run.json']) await store.write(`runs/${runId}/${object}`, '');
  }
  await store.write('latest.json', '');
  const list = jest.spyOn(store, 'list');
  expect(await allLines(newestRuns(store))).toEqual([...runs].reverse());
  expect(list.mock.calls.length).toBeLessThan(700);
  expect(await allLines(newestRuns(new MemoryStore()))).toEqual([]);
});
