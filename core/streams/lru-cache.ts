/** Keeps the values that were asked for last: what an account repeats is found again, what is unique is let go. */
export class LruCache<Value> {
  readonly #values = new Map<string, Value>();

  /** @param capacity entries that are kept, at most */
  constructor(private readonly capacity: number) {}

  get(key: string, make: () => Value): Value {
    const known = this.#values.get(key);
    const value = known ?? make();
    // A Map keeps the order of insertion: the first is the one that was not asked for longest.
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
