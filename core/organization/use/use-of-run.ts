import type { OrganizationUseEnd, OrganizationUseSummary } from '../../contract/organization-use/organization-use.ts';
import type { CallsByOperation, Consumption, FailureCause, OrganizationUseOfRun } from '../../contract/run.ts';
import { consumptionOfInvocations } from '../../cost/invocation-use.ts';
import { organizationUseTransitions } from '../../cost/transitions.ts';
import { addCalls } from '../../ports/calls/call-ledger.ts';

/** What a run records about reading the organization's use of services, and what that needed. */
export interface UseOfRun {
  readonly recorded: OrganizationUseOfRun;
  readonly calls: CallsByOperation;
  readonly consumption: Consumption;
}

export function finishedUse(summary: OrganizationUseSummary): UseOfRun {
  const { units, asked, answered, carried, problem, calls, attempts, consumption } = summary;
  return {
    recorded: {
      ...asked,
      answered,
      carried,
      proposals: units.filter(({ policies }) => policies > 0).length,
      ...(problem === null ? {} : { problem }),
    },
    calls,
    consumption: { ...consumption, transitions: organizationUseTransitions(attempts, false) },
  };
}

/** @param ends of the attempts before the one that failed */
export const failedUse = (ends: readonly OrganizationUseEnd[], error: FailureCause): UseOfRun => ({
  recorded: {
    units: 0,
    accounts: 0,
    answered: 0,
    carried: 0,
    proposals: 0,
    problem: {
      ...error,
      whatToDo:
        'The log of the function organization-use says more. The audit of principals is not affected, and the next run reads the reports again.',
    },
  },
  calls: addCalls(ends.map(({ calls }) => calls)),
  consumption: consumptionOfInvocations(
    ends.map(({ use }) => use),
    organizationUseTransitions(ends.length, true),
  ),
});
