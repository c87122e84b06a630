import type { WorklistLine } from '../contract/account-objects.ts';

/** Characters that are held back to be put in order, at most: lines of some ten thousand principals. */
const MOST_HELD = 16 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * Writes worklist lines so that principals that share a simulation stand together, and so mostly in one batch. A group
 * that is cut nevertheless costs one simulation more, and nothing else.
 */
export class GroupedWorklist {
  /** Bytes of every line, its end included, in the order in which they were written. */
  readonly lineBytes: number[] = [];
  readonly #held = new Map<string, string[]>();
  #characters = 0;

  constructor(private readonly write: (line: string) => Promise<void>) {}

  async add(line: WorklistLine): Promise<void> {
    const text = JSON.stringify(line);
    // An ARN is no hash: who is in no group is its own.
    const key = line.group ?? line.arn;
    const lines = this.#held.get(key);
    if (lines === undefined) this.#held.set(key, [text]);
    else lines.push(text);
    this.#characters += text.length;
    if (this.#characters > MOST_HELD) await this.flush();
  }

  /** Writes what is held back. */
  async flush(): Promise<void> {
    for (const lines of this.#held.values()) {
      for (const text of lines) {
        this.lineBytes.push(encoder.encode(text).length + 1);
        await this.write(text);
      }
    }
    this.#held.clear();
    this.#characters = 0;
  }
}
