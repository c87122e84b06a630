import { mapAhead } from '../../../core/streams/map-ahead.ts';

const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const later = (turns: number): Promise<void> =>
  turns === 0 ? Promise.resolve() : Promise.resolve().then(() => later(turns - 1));

test('results have the order of the items, and at most the given number is in work', async () => {
  let working = 0;
  let most = 0;
  const results = mapAhead([5, 1, 4, 2, 3, 0], 3, async (item) => {
    most = Math.max(most, (working += 1));
    await later(item * 10);
    working -= 1;
    return item;
  });
  expect(await all(results)).toEqual([5, 1, 4, 2, 3, 0]);
  expect(most).toBe(3);
});

test('the first error is thrown', async () => {
  const results = mapAhead([1, 2, 3], 2, async (item) => {
    if (item === 2) throw new Error('two');
    return item;
  });
  await expect(all(results)).rejects.toThrow('two');
});
