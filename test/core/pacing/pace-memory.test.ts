import * as v from 'valibot';
import { objects } from '../../../core/contract/objects.ts';
import { readPace } from '../../../core/pacing/stored-pace.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { defaultPacing } from '../../../core/pacing/controller/controller-settings.ts';
import { BucketController } from '../../../core/pacing/controller/bucket-controller.ts';
import { freshState, learnedRate, rememberedState } from '../../../core/pacing/controller/controller-state.ts';
import { paceMemoryOf, staleOperations, startController, StoredPaceMemory } from '../../../core/pacing/pace-memory.ts';

const RUN = '20261123T040000Z-abc123';
const TOMORROW = '20261124T040000Z-abc123';
const NOW = Date.parse('2026-11-23T04:10:00.000Z');
const MONTH_MS = 31 * 24 * 3_600_000;

/** One throttle may be noise. The second one shows that the bucket is empty. */
function endRamp(controller: BucketController): void {
  controller.throttled(NOW, NOW + 100);
  controller.throttled(NOW + 50, NOW + 150);
}

/** A controller after the end of its ramp and another throttle ten seconds later, with fifty accepted calls in between. */
function learnedController(): BucketController {
  const controller = new BucketController(rememberedState(8, NOW));
  endRamp(controller);
  for (let n = 1; n <= 50; n += 1) controller.accepted(NOW + 200 + n * 190, NOW + 300 + n * 190);
  controller.throttled(NOW + 10_000, NOW + 10_100);
  return controller;
}

const reread = (memory: object) => v.parse(StoredPaceMemory, JSON.parse(JSON.stringify(memory)));

const stored = (controller: BucketController, runId = RUN) =>
  reread(paceMemoryOf(runId, new Map([['iam:X', controller]]), null, NOW));

test('a batch continues from the state of the previous one', () => {
  const controller = learnedController();
  const next = startController(stored(controller), RUN, 'iam:X', NOW + 20_000, defaultPacing);
  expect(next.snapshot(0)).toEqual(controller.snapshot(0));
});

test('another run starts a little above the learned rate and uses nothing else of the earlier state', () => {
  const controller = learnedController();
  const learned = learnedRate(controller.snapshot(NOW));
  expect(learned).toBeGreaterThan(4);
  const next = startController(stored(controller), TOMORROW, 'iam:X', NOW, defaultPacing);
  expect(next.rate).toBeCloseTo(defaultPacing.ramp.rememberedStart * learned!);
  expect(next.snapshot(0)).toMatchObject({ anchorAt: null, decreasedAt: null, rungs: [] });
});

test('the learned rate of an earlier run is used even if this run stored other operations first', () => {
  const memory = stored(learnedController());
  const inventory = paceMemoryOf(TOMORROW, new Map([['iam:Y', new BucketController(freshState(NOW))]]), memory, NOW);
  const next = startController(reread(inventory), TOMORROW, 'iam:X', NOW, defaultPacing);
  expect(next.rate).toBeCloseTo(defaultPacing.ramp.rememberedStart * memory.operations['iam:X']!.learned!.perSecond);
});

test('the estimate at the end of the ramp is not remembered', () => {
  const controller = new BucketController(freshState(NOW));
  endRamp(controller);
  expect(controller.snapshot(NOW).estimate).not.toBeNull();
  expect(learnedRate(controller.snapshot(NOW))).toBeNull();
});

test('an operation without memory starts without it', () => {
  const next = startController(stored(learnedController()), RUN, 'iam:Y', NOW, defaultPacing);
  expect(next.snapshot(NOW)).toEqual(freshState(NOW));
});

test('a run without a throttle keeps the earlier learned rate and its time', () => {
  const memory = stored(learnedController());
  const idle = startController(memory, TOMORROW, 'iam:X', NOW + 86_400_000, defaultPacing);
  const next = paceMemoryOf(TOMORROW, new Map([['iam:X', idle]]), memory, NOW + 86_400_000);
  expect(next.operations['iam:X']?.learned).toEqual(memory.operations['iam:X']?.learned);
});

test('operations that a batch did not call keep their entry', () => {
  const memory = stored(learnedController());
  const next = paceMemoryOf(RUN, new Map(), memory, NOW + 1_000);
  expect(next.operations['iam:X']).toEqual(memory.operations['iam:X']);
});

test('memory older than a month is ignored with a warning that names its time', () => {
  const memory = stored(learnedController());
  expect(staleOperations(memory, TOMORROW, NOW + MONTH_MS)).toEqual([
    expect.stringContaining('iam:X was learned at 2026-11-23T04:10:00.000Z. It is too old') as string,
  ]);
  expect(staleOperations(memory, TOMORROW, NOW)).toEqual([]);
  const next = startController(memory, TOMORROW, 'iam:X', NOW + MONTH_MS, defaultPacing);
  expect(next.rate).toBe(defaultPacing.ramp.firstRate);
});

test('damaged memory is ignored with a warning that names the object and the field', async () => {
  const store = new MemoryStore();
  const warnings: string[] = [];
  const key = objects.pace('111122223333');
  for (const text of ['{', '{"schemaVersion":3,"runId":7}', '{"schemaVersion":1}']) {
    const etag = await store.write(key, text);
    expect(await readPace({ store, warn: (warning) => warnings.push(warning) }, key)).toEqual({ memory: null, etag });
  }
  expect(warnings).toEqual([
    expect.stringMatching(/pace\.json can't be used: it ends too early\. The pace starts without/) as string,
    expect.stringContaining('a wrong field runId') as string,
    expect.stringContaining('schema version 1, but this version of iam-audit reads version 3 and 2') as string,
  ]);
});

test('memory of version 2 keeps its learned rates', () => {
  const memory = stored(learnedController());
  const { learned } = memory.operations['iam:X']!;
  const old = { ...memory, schemaVersion: 2, operations: { 'iam:X': { learned, state: { rate: 3, rungs: [] } } } };
  expect(reread(old).operations['iam:X']).toEqual({ learned, state: null });
});
