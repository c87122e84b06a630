import { DAY_MS } from '../ports/clock.ts';

/** Of an even day's share, how much may be put off to the last day of the period: more is a clump, and is spread. */
const CLUMP = 1.25;

/** Where a part stands that is asked today. */
export type Asked =
  /** There is none yet, or all are asked anew. */
  | 'unknown'
  /** Its principal was active within the margin, so that it is asked tomorrow anyway. */
  | 'tomorrowAnyway'
  /** Any other: its day has come, its principal changed, or was active before. */
  | 'again';

/**
 * Plans on which day each principal's last-accessed data is asked again although nothing seems to have changed. Whoever
 * is asked today is not asked before the period is over, unless so many are that their next day would be a clump, as
 * after the first day, a week without runs or a new catalogue: then they get the emptiest days of the period, never a
 * later one. Days are whole days since the epoch; the same parts in the same order get the same days.
 */
export class RefreshCalendar {
  readonly #planned = new Map<number, number>();
  #parts = 0;
  #putOff = 0;

  constructor(
    private readonly today: number,
    private readonly everyDays: number,
  ) {}

  /** A part that is known already, and its day. */
  add(day: number): void {
    this.#parts += 1;
    this.#count(day, 1);
  }

  /** The next day of a part that is asked today. @param planned its day so far; null: there is no such part yet */
  next(asked: Asked, planned: number | null): number {
    if (planned !== null) this.#count(planned, -1);
    const day = this.#mayWait(asked) ? this.today + this.everyDays : this.#emptiest();
    this.#count(day, 1);
    return day;
  }

  #mayWait(asked: Asked): boolean {
    if (asked !== 'again') return asked === 'tomorrowAnyway';
    this.#putOff += 1;
    return this.#putOff <= Math.ceil((CLUMP * this.#parts) / this.everyDays);
  }

  /** The latest of those days of the period for which the fewest are planned. */
  #emptiest(): number {
    const days = Array.from({ length: this.everyDays }, (_, index) => this.today + this.everyDays - index);
    return days.reduce((best, day) => (this.#plannedOn(day) < this.#plannedOn(best) ? day : best));
  }

  #plannedOn(day: number): number {
    return this.#planned.get(day) ?? 0;
  }

  #count(day: number, change: 1 | -1): void {
    this.#planned.set(day, this.#plannedOn(day) + change);
  }
}

/** `YYYY-MM-DD` of a day. @param day whole days since the epoch */
export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
