import type { FailedInvocation } from '../contract/account-objects.ts';
import type { AccountCredentials, Status } from '../contract/evidence.ts';
import type { InventoryAccountOutput, InvocationUse, SummariseAccountInput } from '../contract/messages.ts';
import type { AccountSummary, Consumption, FailureCause, CallsByOperation } from '../contract/run.ts';
import { consumptionOfInvocations } from '../cost/invocation-use.ts';
import { accountTransitions } from '../cost/transitions.ts';
import type { BatchEnd } from '../evidence/batch-lines.ts';
import { unreadableCause } from '../inventory/unreadable-entries.ts';
import { addCalls, noCalls } from '../ports/calls/call-ledger.ts';
import { addTimelines } from '../ports/calls/call-timeline.ts';
import { overallStatus } from './counts.ts';
import type { WrittenRecords } from './write-records.ts';
import type { WrittenResults } from './write-results.ts';

export interface SummarisedAccount {
  /** With the answer of InventoryAccount, if necessary read from its object; null if there is none. */
  readonly input: SummariseAccountInput;
  readonly hasInventory: boolean;
  /** Why the inventory or the batches were interrupted; null if they were not. */
  readonly interruption: FailureCause | null;
  readonly records: WrittenRecords;
  /** Why the records are not valid; null if they are. */
  readonly mismatch: FailureCause | null;
  readonly results: WrittenResults;
  /** The invocations whose results are lost. */
  readonly failed: readonly FailedInvocation[];
  /** Calls of the recheck after the batches. */
  readonly recheckCalls: CallsByOperation;
}

/**
 * `account.json` of a summarised account.
 * @param use what the invocation that summarises the account used
 * @param now milliseconds since the epoch
 */
export function accountSummary(account: SummarisedAccount, use: InvocationUse, now: number): AccountSummary {
  const { input, interruption, records, mismatch, results, recheckCalls } = account;
  const { inventory } = input;
  const failure = mismatch ?? (lacksNothing(account) ? null : interruption) ?? results.failure;
  const error = failure ?? unreadableCause(inventory?.unreadable ?? []);
  const lost = account.failed.filter((invocation) => !isStored(invocation, inventory, records.ends));
  const counted = [...records.ends, ...lost];
  const timeline = addTimelines([inventory?.timeline ?? [], ...counted.map((one) => one.timeline ?? [])].flat());
  return {
    schemaVersion: 1,
    runId: input.runId,
    accountId: input.accountId,
    status: statusOf(account),
    startedAt: inventory?.startedAt ?? null,
    finishedAt: new Date(now).toISOString(),
    principals: records.counts,
    deleted: records.deleted,
    ...credentialsOf(inventory),
    calls: addCalls([
      inventory?.calls ?? {},
      recheckCalls,
      ...counted.map(({ calls }): CallsByOperation => calls),
      // Nothing is saved by work that was not done.
      ...(failure === null ? [avoidedCalls(records)] : []),
    ]),
    auditedAt: lastEnd(records.ends),
    findings: results.findings,
    openRoles: results.openRoles,
    tablesWritten: results.tablesWritten,
    stoppedByOrganization: { ...records.stoppedByOrganization },
    missingEvidence: [...records.missingEvidence, ...results.searchLimits],
    consumption: consumptionOf(input, counted, use),
    ...(timeline === null ? {} : { timeline }),
    ...(error === null ? {} : { error }),
  };
}

/** Whether every record is complete: an interruption, for example of the first summary, then left nothing undone. */
const lacksNothing = ({ hasInventory, records }: SummarisedAccount): boolean =>
  hasInventory && overallStatus(records.statuses) === 'COMPLETE';

/** Calls that the account's principals did not need. */
function avoidedCalls({ avoided }: WrittenRecords): CallsByOperation {
  const calls: CallsByOperation = {};
  for (const part of ['lastAccessed', 'permissions'] as const) {
    for (const operation of operationsOfPart[part]) calls[operation] = { ...noCalls(), avoided: avoided[part] };
  }
  return calls;
}

/** The operations that an audit without optimisation calls once for each principal. */
const operationsOfPart = {
  lastAccessed: ['iam:GenerateServiceLastAccessedDetails', 'iam:GetServiceLastAccessedDetails'],
  permissions: ['iam:SimulatePrincipalPolicy'],
} as const;

/** What the inventory says about the account's own credentials. */
export const credentialsOf = (inventory: InventoryAccountOutput | null): AccountCredentials =>
  inventory?.credentials ?? noAccountCredentials;

/** Nothing is known, because the inventory could not be read. */
export const noAccountCredentials: AccountCredentials = {
  root: null,
  credentialReportAt: null,
  credentialReportAgeMinutes: null,
  usersWithPassword: null,
  passwordPolicy: null,
  problems: [],
};

function statusOf({ input, hasInventory, interruption, records, mismatch, results }: SummarisedAccount): Status {
  if (mismatch !== null || (interruption !== null && !hasInventory)) return 'FAILED';
  const status = overallStatus(records.statuses);
  const { root, problems } = credentialsOf(input.inventory);
  // With a report, only the password policy can be missing. Its rule says nothing then, and all other evidence is whole.
  const hasReport = root !== null || problems.length === 0;
  const isListed = (input.inventory?.unreadable ?? []).length === 0;
  const isWhole = hasReport && isListed && results.failure === null;
  return status === 'COMPLETE' && !isWhole ? 'PARTIAL' : status;
}

/** When the last attempt ended, ISO 8601; null if there was none. */
const lastEnd = (ends: readonly BatchEnd[]): string | null =>
  ends.reduce<string | null>(
    (last, { endedAt = null }) => (last === null || (endedAt ?? '') > last ? endedAt : last),
    null,
  );

/** Whether the object of a failed invocation is there nevertheless: the answer to the write was lost. Then it is counted with it. */
const isStored = (
  { state, startedAt, endedAt }: FailedInvocation,
  inventory: InventoryAccountOutput | null,
  ends: readonly BatchEnd[],
): boolean =>
  (state === 'InventoryAccount' && startedAt === inventory?.startedAt) ||
  (state === 'AuditBatch' && ends.some((end) => end.endedAt === endedAt));

const consumptionOf = (
  input: SummariseAccountInput,
  counted: readonly { readonly use: InvocationUse }[],
  own: InvocationUse,
): Consumption =>
  consumptionOfInvocations(
    [own, ...counted.map(({ use }) => use), ...(input.inventory === null ? [] : [input.inventory.use])],
    accountTransitions(input.results),
  );
