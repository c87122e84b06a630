/** Keeps the most recently used values. Values that an account uses often stay in the cache. */
export class LruCache<Value> {
  readonly #values = new Map<string, Value>();

  /** @param capacity maximum number of entries */
  constructor(private readonly capacity: number) {}

  get(key: string, make: () => Value): Value {
    const cached = this.#values.get(key);
    const value = cached ?? make();
    // A Map keeps insertion order. Each use inserts the entry again, so the first entry is the least recently used one.
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.capacity) {
      for (const [oldest] of this.#values) {
        this.#values.delete(oldest);
        break;
      }
    }
    return value;
  }
}
