import { RateLadder } from '../../../../core/pacing/controller/rate-ladder.ts';

const settings = { tinyContent: 100, throttleWeight: 6, mostOfEstimate: 4, leastAnswers: 12, memory: 150 };

/** @param throttled how many of the answers are throttles; they are spread evenly */
function answer(ladder: RateLadder, rate: number, answers: number, throttled: number): void {
  for (let n = 0; n < answers; n += 1) ladder.record(rate, (n * throttled) % answers < throttled);
}

test('if a lower rate was throttled as often, the higher rate is held', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 4, 30, 5);
  answer(ladder, 2, 30, 5);
  const floor = ladder.floor(1, 2);
  expect(floor).toBeGreaterThan(2.5);
  expect(floor).toBeLessThanOrEqual(4);
});

test('if a lower rate was throttled as often and no higher rate was tried, a higher rate is tried', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 2, 40, 2);
  answer(ladder, 4, 40, 2);
  expect(ladder.floor(1, 4)).toBeGreaterThan(4);
  answer(ladder, 5.66, 20, 10);
  expect(ladder.floor(1, 4)).toBeLessThanOrEqual(4);
});

test('if a lower rate was throttled less often, no higher rate is tried', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 2, 40, 2);
  answer(ladder, 4, 40, 4);
  expect(ladder.floor(1, 4)).toBeLessThanOrEqual(4);
});

test('if a lower rate was not throttled, the higher rate is not held', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 4, 30, 12);
  answer(ladder, 2, 30, 0);
  answer(ladder, 1, 20, 0);
  expect(ladder.floor(1, 2)).toBeLessThan(2);
});

test('without answers at lower rates no rate is held', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 4, 40, 6);
  expect(ladder.floor(1, 2)).toBe(0);
});

test('a rate above the measured one is no evidence until it has emptied the bucket', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 4, 30, 5);
  answer(ladder, 2, 30, 5);
  expect(ladder.floor(100, 2)).toBe(0);
});

test('a ladder keeps its floor over a snapshot and loses it when it is cleared', () => {
  const ladder = new RateLadder([], settings);
  answer(ladder, 4, 30, 5);
  answer(ladder, 2, 30, 5);
  expect(new RateLadder(ladder.snapshot(), settings).floor(1, 2)).toBe(ladder.floor(1, 2));
  ladder.clear();
  expect(ladder.floor(1, 2)).toBe(0);
});
