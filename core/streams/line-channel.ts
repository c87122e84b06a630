/**
 * Turns pushed lines, or parts of bytes, into an async iterable, so that one pass over a source can write several objects at
 * the same time. A push waits while the channel is full, so the channel holds at most `capacity` lines in memory.
 */
export class LineChannel<Line = string> implements AsyncIterable<Line> {
  readonly #lines: Line[] = [];
  readonly #capacity: number;
  #ended = false;
  #failure: Error | null = null;
  #readable: (() => void) | null = null;
  #writable: (() => void)[] = [];

  constructor(capacity = 256) {
    this.#capacity = capacity;
  }

  /** @throws the reason of the failure, if the reader has stopped or the channel has failed */
  async push(line: Line): Promise<void> {
    while (this.#lines.length >= this.#capacity && this.#failure === null) {
      await new Promise<void>((resolve) => this.#writable.push(resolve));
    }
    if (this.#failure !== null) throw this.#failure;
    this.#lines.push(line);
    this.#wakeReader();
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  /** Makes the reader's iteration and every further push throw `reason`. */
  fail(reason: Error): void {
    this.#failure ??= reason;
    this.#wakeReader();
    this.#wakeWriters();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Line> {
    try {
      for (;;) {
        if (this.#failure !== null) throw this.#failure;
        const line = this.#lines.shift();
        if (line !== undefined) {
          this.#wakeWriters();
          yield line;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => (this.#readable = resolve));
        }
      }
    } finally {
      if (!this.#ended) this.fail(new Error('The object for these lines is no longer being written.'));
    }
  }

  #wakeReader(): void {
    const wake = this.#readable;
    this.#readable = null;
    wake?.();
  }

  #wakeWriters(): void {
    const waiting = this.#writable;
    this.#writable = [];
    for (const wake of waiting) wake();
  }
}
