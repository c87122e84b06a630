import { addTimelines, TimelineCounter } from '../../../../core/ports/calls/call-timeline.ts';

const START = Date.parse('2026-11-23T04:00:00Z');

test('calls and waits are counted by interval', () => {
  const counter = new TimelineCounter();
  expect(counter.timeline()).toBeNull();
  counter.called('a', START, 2, 1);
  counter.called('a', START + 4_999, 1, 0);
  counter.called('a', START + 5_000, 1, 0);
  counter.waited('b', START + 3_000, START + 11_000);
  const n = START / 5_000;
  expect(counter.timeline()).toEqual({
    stepSeconds: 5,
    operations: {
      a: [
        [n, 3, 1, 0],
        [n + 1, 1, 0, 0],
      ],
      b: [
        [n, 0, 0, 2_000],
        [n + 1, 0, 0, 5_000],
        [n + 2, 0, 0, 1_000],
      ],
    },
  });
});

test('a long run has at most 121 intervals, and nothing is lost', () => {
  const counter = new TimelineCounter();
  for (let second = 0; second < 20_000; second += 1) counter.called('a', START + second * 1_000, 3, second % 2);
  counter.waited('a', START, START + 20_000_000);
  const { stepSeconds, operations } = counter.timeline() ?? { stepSeconds: 0, operations: {} };
  const intervals = operations.a ?? [];
  expect(stepSeconds).toBe(320);
  expect(intervals.length).toBeLessThanOrEqual(121);
  const sum = (field: 1 | 2 | 3): number => intervals.reduce((total, interval) => total + interval[field], 0);
  expect([sum(1), sum(2), sum(3)]).toEqual([60_000, 10_000, 20_000_000]);
});

test('timelines of different steps are added up in the longer one, in any order', () => {
  const short = new TimelineCounter();
  short.called('a', START, 1, 0);
  const long = new TimelineCounter();
  long.called('a', START, 1, 0);
  long.called('b', START + 3_000_000, 1, 1);
  const parts = [short.timeline(), long.timeline()].flatMap((one) => one ?? []);
  const sum = addTimelines(parts);
  expect(sum).toEqual(addTimelines([...parts].reverse()));
  expect(sum?.operations.a).toEqual([[Math.floor(START / 40_000), 2, 0, 0]]);
  expect([sum?.stepSeconds, sum?.operations.b?.[0]?.[1]]).toEqual([40, 1]);
  expect(addTimelines([])).toBeNull();
});
