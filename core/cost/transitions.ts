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
/** PlanRun, AnythingToDo, Accounts, SummariseRun, PublishEvents, AnythingToTell, Outcome, Done. */
const RUN = 8;

export const accountTransitions = (batches: readonly { readonly attempts: number }[]): number =>
  ACCOUNT + batches.reduce((sum, { attempts }) => sum + BATCH + FURTHER_ATTEMPT * Math.max(0, attempts - 1), 0);

/** Whether the run enters Notify, ManyThrottled and OfOrganization, and how often it enters PutEvents. */
export interface EnteredStates {
  readonly eventCalls: number;
  readonly notify: boolean;
  readonly manyThrottled: boolean;
  readonly ofOrganization: boolean;
}

export const runTransitions = ({ eventCalls, notify, manyThrottled, ofOrganization }: EnteredStates): number =>
  RUN + eventCalls + (notify ? 1 : 0) + (manyThrottled ? 1 : 0) + (ofOrganization ? 1 : 0);

/** OrganizationUse, MoreReports. */
const ORGANIZATION_USE = 2;

/**
 * The states that read the organization's use of services. A further attempt enters WaitForReports, OrganizationUse and
 * MoreReports.
 * @param attempts attempts that ended
 * @param failed whether a further attempt failed; its error leads to SummariseRun
 */
export const organizationUseTransitions = (attempts: number, failed: boolean): number =>
  failed ? FURTHER_ATTEMPT * attempts + 1 : ORGANIZATION_USE + FURTHER_ATTEMPT * Math.max(0, attempts - 1);

/** ImportFindings, MoreFindings. */
const IMPORT = 2;

/**
 * The states that import the findings into Security Hub.
 * @param invocations invocations that ended
 * @param refused whether findings were refused; the run then enters FindingsNotDelivered
 */
export const importTransitions = (invocations: number, refused: boolean): number =>
  IMPORT * invocations + (refused ? 1 : 0);

/** WaitForLogs, CollectCalls, NameCulprits. */
const CULPRITS = 3;

/**
 * The states that a run enters after ManyThrottled: AskCallers too if the first query succeeded, ReadCallers too if both did.
 * @param queries number of queries that succeeded: 0, 1 or 2
 */
export const culpritsTransitions = (queries: number): number => CULPRITS + queries;
