import type { Clock } from '../core/ports/clock.ts';

interface PendingSleep {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** Turns of the event loop that are enough for promises, files and sockets on loopback to make progress. */
const QUIET_TURNS = 4;

/**
 * A clock in virtual time. If every task sleeps and no tracked work is running, the time jumps to the end of the
 * earliest sleep. At other times it stays the same. Hours of waiting take milliseconds, and the order of events does not
 * change.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #tracked = 0;
  #activity = 0;
  #ticking = false;
  readonly #heap: PendingSleep[] = [];

  /**
   * @param start milliseconds since the epoch
   * @param quietTurns turns of the event loop without a call of this clock, after which every task counts as asleep.
   *   One is enough if no input or output leaves this process.
   */
  constructor(
    start: number,
    private readonly quietTurns = QUIET_TURNS,
  ) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    this.#activity += 1;
    if (!(ms > 0)) return Promise.resolve();
    return new Promise((wake) => {
      this.#push({ at: this.#now + ms, order: (this.#order += 1), wake });
      this.#start();
    });
  }

  /** Stops virtual time until the work is done. For work that takes real time, such as a request or a file access. */
  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#tracked += 1;
    this.#activity += 1;
    try {
      return await work();
    } finally {
      this.#tracked -= 1;
      this.#activity += 1;
      this.#start();
    }
  }

  /**
   * Lets time pass during a part of tracked work that waits in virtual time, such as an emulated latency.
   * @throws Error if no work is tracked
   */
  async release<T>(work: () => Promise<T>): Promise<T> {
    if (this.#tracked === 0) throw new Error('Only tracked work can be released.');
    this.#tracked -= 1;
    this.#start();
    try {
      return await work();
    } finally {
      this.#tracked += 1;
      this.#activity += 1;
    }
  }

  #start(): void {
    if (this.#ticking || this.#heap.length === 0) return;
    this.#ticking = true;
    let seen = this.#activity;
    let quiet = 0;
    const tick = (): void => {
      if (this.#tracked > 0) {
        // track() starts the clock again when the work ends.
        this.#ticking = false;
        return;
      }
      quiet = seen === this.#activity ? quiet + 1 : 0;
      seen = this.#activity;
      if (quiet < this.quietTurns) {
        setImmediate(tick);
        return;
      }
      this.#ticking = false;
      this.#advance();
      this.#start();
    };
    setImmediate(tick);
  }

  #advance(): void {
    const first = this.#pop();
    if (first === undefined) return;
    this.#now = Math.max(this.#now, first.at);
    first.wake();
    while (this.#heap[0] !== undefined && this.#heap[0].at <= this.#now) this.#pop()?.wake();
  }

  #push(pending: PendingSleep): void {
    const heap = this.#heap;
    let index = heap.push(pending) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(pending, above)) break;
      heap[index] = above;
      heap[parent] = pending;
      index = parent;
    }
  }

  #pop(): PendingSleep | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    heap[0] = last;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const takesRight = right !== undefined && before(right, left);
      const child = takesRight ? right : left;
      if (!before(child, last)) break;
      heap[index] = child;
      index = 2 * index + (takesRight ? 2 : 1);
      heap[index] = last;
    }
    return first;
  }
}

const before = (a: PendingSleep, b: PendingSleep): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
