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

/** @param notified whether the run enters Notify */
export const runTransitions = (notified: boolean): number => RUN + (notified ? 1 : 0);
