/** At most this many evaluations of policies, in which the changes that come before a way are searched in an account. */
const MOST_EVALUATIONS = 150_000;

/** What one principal's search may use. */
export interface Share {
  /** False: it is used up, so that some ways are not searched. */
  readonly goesOn: () => boolean;
}

/**
 * Limits how much is searched besides each principal's own ways: changes of other principals before they are taken, and
 * what changed principals lead to. It counts evaluations and no time, so that the same account always gets the same answer.
 */
export class SearchWork {
  /** Evaluations of policies so far. */
  #count = 0;
  #left = MOST_EVALUATIONS;
  #isIncomplete = false;

  /** @param principals number of principals that get a share each; what one leaves is for the others */
  constructor(private principals: number) {}

  count(): void {
    this.#count += 1;
  }

  /** Whether there may be more ways than those that were found. */
  get isIncomplete(): boolean {
    return this.#isIncomplete;
  }

  /** Something is left out by a limit. */
  leaveOut(): void {
    this.#isIncomplete = true;
  }

  /** Searches with a part of what is left. @param isChanged whether it is for a changed principal, which has no share of its own */
  withShare<Result>(isChanged: boolean, search: (share: Share) => Result): Result {
    const from = this.#count;
    const limit = from + (isChanged ? this.#left : Math.floor(this.#left / Math.max(1, this.principals)));
    if (!isChanged) this.principals -= 1;
    const goesOn = (): boolean => {
      if (this.#count < limit) return true;
      this.#isIncomplete = true;
      return false;
    };
    const result = search({ goesOn });
    this.#left = Math.max(0, this.#left - (this.#count - from));
    return result;
  }
}
