import type { WorklistLine } from '../contract/account-objects.ts';

/** Maximum number of characters in memory for grouping: the lines of about ten thousand principals. */
const MAX_HELD_CHARACTERS = 16 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * Writes worklist lines so that principals that share a simulation are next to each other, mostly in one batch. If a
 * group is split between two batches, the run needs one more simulation.
 */
export class GroupedWorklist {
  /** Bytes of each line with its line feed, in the order in which the lines were written. */
  readonly lineBytes: number[] = [];
  readonly #held = new Map<string, string[]>();
  #characters = 0;

  constructor(private readonly write: (line: string) => Promise<void>) {}

  async add(line: WorklistLine): Promise<void> {
    const text = JSON.stringify(line);
    // A principal without a group is a group of its own. Its ARN can't equal a group's hash.
    const key = line.group ?? line.arn;
    const lines = this.#held.get(key);
    if (lines === undefined) this.#held.set(key, [text]);
    else lines.push(text);
    this.#characters += text.length;
    if (this.#characters > MAX_HELD_CHARACTERS) await this.flush();
  }

  /** Writes the lines that are in memory. */
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
