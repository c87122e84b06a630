import type { ExecutionInput } from '../contract/execution-input.ts';
import type { PlanDecision, PlanRunOutput } from '../contract/messages.ts';
import { objects } from '../contract/objects.ts';
import type { InvalidInput } from './parse-execution-input.ts';
import type { RunInProgress } from './claim.ts';
import type { UnclaimedRun } from './claim-or-wait.ts';
import type { RunScope } from './run-scope.ts';
import { sliceMs, type RunExtent } from './start-times.ts';

/** The output of PlanRun if the accounts are audited now. */
export const auditOutput = (
  runId: string,
  { spreadOverMinutes = 0 }: ExecutionInput,
  { principals, full }: RunScope,
  extent: RunExtent,
  ofOrganization: boolean,
): PlanRunOutput => ({
  decision: 'AUDIT',
  runId,
  accountsKey: objects.accounts(runId),
  accounts: extent.accounts,
  accountsAtOnce: extent.accountsAtOnce,
  request: {
    principals,
    spreadOverMinutes,
    sliceMinutes: sliceMs(extent) / 60_000,
    full: full !== null,
    fullSince: full?.since ?? null,
  },
  ofOrganization,
  waitUntil: null,
  refusal: null,
});

/** The output of PlanRun if the run did not get the claim, because it must wait or its day was audited before. */
export function unclaimedOutput(runId: string, unclaimed: UnclaimedRun): PlanRunOutput {
  switch (unclaimed.kind) {
    case 'dayTaken':
      return outputWithoutAudit(runId, 'ALREADY_RUN');
    case 'wait':
      return outputWithoutAudit(runId, 'WAIT', { waitUntil: new Date(unclaimed.until).toISOString() });
  }
}

/** The output of PlanRun if the execution must not audit anything. */
export const refusedOutput = (runId: string, { name, message }: InvalidInput | RunInProgress): PlanRunOutput =>
  outputWithoutAudit(runId, 'REFUSED', { refusal: { code: name, message } });

const outputWithoutAudit = (
  runId: string,
  decision: Exclude<PlanDecision, 'AUDIT'>,
  reason: Partial<Pick<PlanRunOutput, 'waitUntil' | 'refusal'>> = {},
): PlanRunOutput => ({
  decision,
  runId,
  accountsKey: objects.accounts(runId),
  accounts: 0,
  accountsAtOnce: 1,
  request: null,
  ofOrganization: false,
  waitUntil: null,
  refusal: null,
  ...reason,
});
