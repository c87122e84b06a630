import { baselines } from '../../../bench/pacing/baselines.ts';
import { readOptions } from '../../../bench/pacing/options.ts';
import { sampleOf } from '../../../bench/pacing/samples.ts';
import { allServerCells } from '../../../bench/pacing/servers/all-servers.ts';
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

test('every server has a name of its own, without commas', () => {
  expect(new Set(servers.map(({ name }) => name)).size).toBe(servers.length);
  expect(allServerCells.filter(({ place }) => place.includes(','))).toEqual([]);
});

test.each([
  [['--servers'], 0, allServerCells.length],
  [['--servers', '--only', 'starts empty (R 10 B 50),debt'], 0, 12],
  [['--servers', '--check'], 0, allServerCells.length],
  [['--check'], 30, allServerCells.length],
  [['--only', 'aimd'], 5, 0],
])('%j selects %d cells of strategies and %d of servers', (args, strategies, ofServers) => {
  const { strategyCells, serverCells } = readOptions(args);
  expect([strategyCells.length, serverCells.length]).toEqual([strategies, ofServers]);
});

test.each([
  [['--servers', '--check'], 5, 0],
  [['--servers', '--only', 'eight days: noise'], 4, 0],
  [['--check'], 5, 0],
  [['--only', 'aimd'], 0, 0],
  [['--bursty'], 0, 72],
])('%j selects %d servers with days in a row and %d cells of bursty bystanders', (args, days, bursty) => {
  const { dayCells, burstyCells } = readOptions(args);
  expect([dayCells.length, burstyCells.length]).toEqual([days, bursty]);
});

test.each([
  [['--servers', '--only', 'nothing'], "no server's name contains nothing"],
  [['--only', 'nothing'], 'unknown strategy nothing'],
  [['--servers', '--parts'], 'Only one of'],
  [['--bursty', '--check'], 'Only one of'],
  [['--check', '--only', 'aimd'], 'Only one of'],
  [['--seeds', '0'], 'a whole number above 0'],
])('%j is wrong usage', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});

test('two AIMD audits share a limit equally, and both end within the time of their sum', async () => {
  const cell = auditCells.find(({ place, strategy }) => strategy === 'aimd' && place === 'two audits (R 50 B 100)');
  const [sample] = await cell!.measure(1);
  expect(sample!.smallerShare).toBeGreaterThan(0.4);
  expect(sample!.ratio).toBeLessThan(1.5);
  expect(sample!.firstEnd).toBeLessThanOrEqual(sample!.ratio);
});

test('three operations of one SDK client share a limit', async () => {
  const cell = operationCells.find(
    ({ place, strategy }) => strategy === 'sdk-adaptive' && place === 'three operations (R 50 B 100)',
  );
  const [sample] = await cell!.measure(1);
  expect(sample!.ratio).toBeGreaterThan(0.95);
  expect(sample!.ratio).toBeLessThan(1.3);
});
