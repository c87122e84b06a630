/**
 * Turns pushes into an async iterable, so that several objects can be written side by side from one pass over
 * their source. A push waits until its line is taken: nothing piles up in memory beyond `capacity` lines.
 */
export class LineChannel implements AsyncIterable<string> {
  readonly #lines: string[] = [];
  readonly #capacity: number;
  #ended = false;
  #failure: Error | null = null;
  #readable: (() => void) | null = null;
  #writable: (() => void)[] = [];

  constructor(capacity = 256) {
    this.#capacity = capacity;
  }

  /** @throws the reader's reason, when the reader has given up */
  async push(line: string): Promise<void> {
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

  /** The reader's iteration throws `reason`, and so does every further push. */
  fail(reason: Error): void {
    this.#failure ??= reason;
    this.#wakeReader();
    this.#wakeWriters();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<string> {
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
      if (!this.#ended) this.fail(new Error('The object that these lines go to is no longer being written.'));
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
