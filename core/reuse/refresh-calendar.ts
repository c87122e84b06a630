import { DAY_MS } from '../ports/clock.ts';

/** How many parts may be planned for the last day of the period, as a multiple of an even share. The rest is spread. */
const LAST_DAY_SHARE = 1.25;
/**
 * This share of the parts may always be planned for the last day. In a long period an even share is small: fewer parts
 * than change or are active on one day.
 */
const LEAST_LAST_DAY_SHARE = 0.08;

/** Why a part is asked for today. */
export type AskReason =
  /** There is no such part yet, or the run is a full one. */
  | 'unknown'
  /** Its principal was active within the margin, so it is asked for again tomorrow. */
  | 'tomorrowAnyway'
  /** Its refresh day has come, its principal changed, or its principal was active before the margin. */
  | 'again';

/**
 * Plans on which day each principal's last-accessed data is asked for again even if no change is visible. That is the
 * last day of the period. There is a calendar for each of the two periods. If too many principals are asked today (the first day, a week without runs, a new catalogue),
 * the rest get the days of the period with the fewest principals. Days are whole days since the epoch. The same parts
 * in the same order get the same days.
 */
export class RefreshCalendar {
  readonly #planned = new Map<number, number>();
  #parts = 0;
  #onLastDay = 0;

  constructor(
    private readonly today: number,
    private readonly everyDays: number,
  ) {}

  /** Adds a part of an earlier run that is planned for `day`. */
  add(day: number): void {
    this.#parts += 1;
    this.#count(day, 1);
  }

  /**
   * The next day of a part that is asked for today. @param planned its day so far; null if there is no such part yet
   */
  next(asked: AskReason, planned: number | null): number {
    if (planned !== null) this.#count(planned, -1);
    const day = this.#mayTakeLastDay(asked) ? this.today + this.everyDays : this.#leastPlannedDay();
    this.#count(day, 1);
    return day;
  }

  #mayTakeLastDay(asked: AskReason): boolean {
    if (asked !== 'again') return asked === 'tomorrowAnyway';
    this.#onLastDay += 1;
    const share = Math.max(LAST_DAY_SHARE / this.everyDays, LEAST_LAST_DAY_SHARE);
    return this.#onLastDay <= Math.ceil(share * this.#parts);
  }

  /** The day of the period with the fewest parts; of several such days, the latest. */
  #leastPlannedDay(): number {
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
