/**
 * Applies `map` to up to `ahead` items at the same time and yields the results in the order of the items. Rethrows the
 * first error of `map` or of `items`. `map` must not depend on its results being consumed.
 */
export async function* mapAhead<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  ahead: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const started: Promise<Result>[] = [];
  for await (const item of items) {
    const result = map(item);
    // It is awaited later. Until then a rejection must not end the process.
    result.catch(() => undefined);
    started.push(result);
    const first = started.length >= ahead ? started.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const result of started) yield await result;
}
