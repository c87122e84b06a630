import type { Ref, ReportLine } from '../../contract/report/report-data.ts';

/** Values that several lines share: each is written once, as a line of its own, and named by its number. */
export class Values {
  readonly #numbers = new Map<string, number>();
  #lines: ReportLine[] = [];

  /** The value's number. Its line must be written before the line that names it: see `take`. */
  ref<T>(value: T): Ref<T> {
    const text = JSON.stringify(value);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#lines.push(['value', value]);
    return number;
  }

  /** The lines of the values that are new since the last call. */
  take(): readonly ReportLine[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
