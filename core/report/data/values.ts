import type { Ref } from '../../contract/report/report-data.ts';

/** Values that several lines share: each is written once, as a line of its own, and named by its number. */
export class Values {
  readonly #numbers = new Map<string, number>();
  #lines: string[] = [];

  /** The value's number. Its line must be written before the line that names it: see `take`. */
  ref<T>(value: T): Ref<T> {
    return this.refOfJson(JSON.stringify(value));
  }

  /** The number of a value that is given as JSON text. */
  refOfJson(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#lines.push(`["value",${text}]`);
    return number;
  }

  /** The lines of the values that are new since the last call, as JSON text. */
  take(): readonly string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
