/** A simulated process. It yields the milliseconds that it waits. */
export type Process<Result = void> = Generator<number, Result, undefined>;

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly process: Process;
}

/** Runs processes in virtual time, in the order of their times. Times are milliseconds since the epoch. */
export class Timeline {
  readonly #heap: Waiting[] = [];
  #order = 0;
  #now: number;

  constructor(startMs: number) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  start(process: Process, at: number = this.#now): void {
    this.#push({ at: Math.max(at, this.#now), order: (this.#order += 1), process });
  }

  /** Runs until `endMs`. What the processes would do later does not happen. */
  run(endMs: number): void {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at >= endMs) break;
      this.#pop();
      this.#now = next.at;
      const { done, value } = next.process.next();
      if (done !== true)
        this.#push({ at: this.#now + Math.max(0, value), order: (this.#order += 1), process: next.process });
    }
    this.#now = endMs;
  }

  #push(item: Waiting): void {
    const heap = this.#heap;
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(item, above)) break;
      heap[index] = above;
      heap[parent] = item;
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    heap[0] = last;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) return;
      const takesRight = right !== undefined && isBefore(right, left);
      const child = takesRight ? right : left;
      if (!isBefore(child, last)) return;
      heap[index] = child;
      index = 2 * index + (takesRight ? 2 : 1);
      heap[index] = last;
    }
  }
}

const isBefore = (a: Waiting, b: Waiting): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
