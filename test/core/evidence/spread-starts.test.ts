import { SpreadStarts } from '../../../core/evidence/spread-starts.ts';
import { VirtualClock } from '../../../local/virtual-clock.ts';
import { SettableClock } from '../../support/paced-calls.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const iso = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

/** The seconds after the slot's start at which four pieces of work start, if the attempt starts after `lateSeconds`. */
async function starts(spreadUntil: string | null, lateSeconds = 0, clockSetBackSeconds = 0): Promise<number[]> {
  const right = new VirtualClock(START);
  const clock = new SettableClock(right);
  await right.sleep(lateSeconds * 1000);
  clock.aheadMs = -clockSetBackSeconds * 1000;
  const spread = new SpreadStarts({ slotAt: iso(0), spreadUntil }, clock);
  const seconds: number[] = [];
  for (const share of [0, 0.25, 0.5, 0.75]) {
    await spread.turn(share, () => true);
    seconds.push((right.now() - START) / 1000);
  }
  return seconds;
}

test.each<[string, Parameters<typeof starts>, number[]]>([
  ['evenly over the time', [iso(60)], [0, 15, 30, 45]],
  ['evenly over the time that is left', [iso(60), 40], [40, 45, 50, 55]],
  ['at once after the time', [iso(60), 70], [70, 70, 70, 70]],
  ['at once without a time', [null], [0, 0, 0, 0]],
  ['evenly over the time, if the clock was set back before', [iso(60), 0, 3_600], [0, 15, 30, 45]],
])('work starts %s', async (_name, input, expected) => {
  expect(await starts(...input)).toEqual(expected);
});

test('a clock that is set back meanwhile does not delay work', async () => {
  const right = new VirtualClock(START);
  const clock = new SettableClock(right);
  const spread = new SpreadStarts({ slotAt: iso(0), spreadUntil: iso(60) }, clock);
  await spread.turn(0.25, () => true);
  clock.aheadMs = -3_600_000;
  await spread.turn(0.5, () => true);
  expect((right.now() - START) / 1000).toBe(30);
});

test('a wait ends early if the work must not go on', async () => {
  const right = new VirtualClock(START);
  const spread = new SpreadStarts({ slotAt: iso(0), spreadUntil: iso(60) }, right);
  await spread.turn(0.5, () => right.now() < START + 10_000);
  expect((right.now() - START) / 1000).toBe(10);
});
