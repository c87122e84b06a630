/**
 * Reports in generation at the same time. AWS limits this number and does not publish the limit. Above it, AWS answers
 * ReportGenerationLimitExceeded, and the next request waits.
 */
export const REPORTS_AT_ONCE = 5;
/** Pause between two calls: at most 5 calls a second. The limits of IAM are shared with everything in the account. */
export const CALL_INTERVAL_MS = 200;
/** A report is asked for its state after this time, and then after pauses that grow by half, up to the maximum. */
export const FIRST_POLL_MS = 2_000;
export const MAX_POLL_MS = 15_000;
/** A report that takes longer than this counts as failed. */
export const REPORT_TIMEOUT_MS = 600_000;
/** How often a report that failed is asked for. */
export const TRIES = 3;
/** The pauses after AWS refuses a request because of a limit. */
export const BACKOFF = { firstMs: 2_000, longestMs: 60_000 };
/** After this many refusals in a row, the attempt ends: waiting in the workflow is cheaper than in a function. */
export const MAX_REFUSALS = 8;
/** The pause before the next attempt then, and its random extra time. */
export const LONG_PAUSE_MS = 300_000;
/** With less time left, no more reports are requested, and below the second time, none is read. */
export const REQUEST_UNTIL_MS = 180_000;
export const READ_UNTIL_MS = 120_000;
/** Attempts in a row without a result, and attempts in all, after which the rest is left to the next run. */
export const MAX_STALLED = 3;
export const MAX_ATTEMPTS = 12;
