import { baselines } from '../../../bench/pacing/baselines.ts';
import { sampleOf } from '../../../bench/pacing/samples.ts';
import { serverSimulation } from '../../../bench/pacing/servers/server-runs.ts';
import { servers } from '../../../bench/pacing/servers/servers.ts';
import { auditCells } from '../../../bench/pacing/servers/two-audits.ts';
import { operationCells } from '../../../bench/pacing/servers/three-operations.ts';

const noBucket = { name: 'a bucket that is always empty', limit: { rate: 10, size: 1 }, disturbances: { noise: 1 } };

test('a run that takes 20 times the physical limit is stopped and counts as 20', async () => {
  const simulation = serverSimulation(noBucket, 101, 1);
  const lost = await baselines.aimd(simulation, 101);
  expect(sampleOf(simulation, 101, lost)).toMatchObject({ ratio: 20, lost: 0 });
  expect(simulation.sent).toBeGreaterThan(50);
});

test('every server has a name of its own', () => {
  expect(new Set(servers.map(({ name }) => name)).size).toBe(servers.length);
});

test('two AIMD audits share a limit equally, and both end within the time of their sum', async () => {
  const cell = auditCells.find(({ place, strategy }) => strategy === 'aimd' && place === 'two audits, R 50 B 100');
  const [sample] = await cell!.measure(1);
  expect(sample!.smallerShare).toBeGreaterThan(0.4);
  expect(sample!.ratio).toBeLessThan(1.5);
  expect(sample!.firstEnd).toBeLessThanOrEqual(sample!.ratio);
});

test('three operations of one SDK client share a limit', async () => {
  const cell = operationCells.find(
    ({ place, strategy }) => strategy === 'sdk-adaptive' && place === 'three operations, R 50 B 100',
  );
  const [sample] = await cell!.measure(1);
  expect(sample!.ratio).toBeGreaterThan(0.95);
  expect(sample!.ratio).toBeLessThan(1.3);
});
