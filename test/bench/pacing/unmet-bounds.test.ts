import { splitKnown } from '../../../bench/pacing/unmet-bounds.ts';

const sentence = (value: number): string =>
  `first-day, alone: the mean share of throttled calls is ${value.toFixed(4)}. The bound is 0.006.`;

test('a known figure that has not become worse does not fail, and a worse or another one does', () => {
  expect(splitKnown([sentence(0.0067)])).toEqual({ known: [sentence(0.0067)], failed: [] });
  expect(splitKnown([sentence(0.009)])).toEqual({ known: [], failed: [sentence(0.009)] });
  const other = 'first-day, alone: makespan/T* is 1.2000. The bound is 1.05.';
  expect(splitKnown([other]).failed).toEqual([other]);
});
