import { objects } from '../../../core/contract/objects.ts';
import { latestRunId } from '../../../core/objects/stored-runs.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { runSummary } from '../../support/run-summary.ts';

const EARLIER = '20261124T040000Z-aaaaaa';
const LATEST = '20261125T040000Z-aaaaaa';

test('if the run that latest.json names has no run.json, the newest run that has ended counts, and this is said', async () => {
  const store = new MemoryStore();
  const said: string[] = [];
  const latest = () => latestRunId(store, (message) => said.push(message));
  await store.write(objects.latest, JSON.stringify({ runId: LATEST }));
  expect(await latest()).toBeNull();
  await store.write(objects.run(EARLIER), JSON.stringify(runSummary({ runId: EARLIER })));
  expect(await latest()).toBe(EARLIER);
  const absent = `latest.json names run ${LATEST}, but runs/${LATEST}/run.json is missing.`;
  expect(said).toEqual([
    `${absent} No run that has ended was found.`,
    `${absent} The newest run that has ended is ${EARLIER}.`,
  ]);
  await store.write(objects.run(LATEST), JSON.stringify(runSummary({ runId: LATEST })));
  expect(await latest()).toBe(LATEST);
  expect(said).toHaveLength(2);
});
