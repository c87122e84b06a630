/**
 * State transitions of the workflow, as Step Functions bills them: one for each state entered and one for each start of
 * a Distributed Map child. A test compares these numbers with the interpreter's count on the synthesised definition.
 * Retries after faults are not included.
 */

/** One account: its child's start, WaitForTurn, InventoryAccount, Batches, SummariseAccount. */
const ACCOUNT = 5;
/** WaitForSlot, AuditBatch, Unfinished, BatchFinished. */
const BATCH = 4;
/** CoolDown, AuditBatch, Unfinished. */
export const FURTHER_ATTEMPT = 3;
/** PlanRun, AnythingToDo, Accounts, SummariseRun, AnythingToTell, Outcome, Done. */
const RUN = 7;

export const accountTransitions = (batches: readonly { readonly attempts: number }[]): number =>
  ACCOUNT + batches.reduce((sum, { attempts }) => sum + BATCH + FURTHER_ATTEMPT * Math.max(0, attempts - 1), 0);

/** @param entered whether the run enters Notify, and ManyThrottled */
export const runTransitions = (entered: { readonly notify: boolean; readonly manyThrottled: boolean }): number =>
  RUN + (entered.notify ? 1 : 0) + (entered.manyThrottled ? 1 : 0);

/** WaitForLogs, CollectCalls, NameCulprits. */
const CULPRITS = 3;

/**
 * The states that a run enters after ManyThrottled: AskCallers too if the first query succeeded, ReadCallers too if both did.
 * @param queries number of queries that succeeded: 0, 1 or 2
 */
export const culpritsTransitions = (queries: number): number => CULPRITS + queries;
