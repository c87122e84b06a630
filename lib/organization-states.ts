import { Choice, Condition, Wait, WaitTime, type IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { failureCause, type FunctionTask } from './function-tasks.ts';

export interface OrganizationStatesProps {
  readonly task: FunctionTask;
  readonly next: IChainable;
}

/** Variables that PlanRun assigns for these states. */
export const organizationVariables = { organizationUse: { attempt: 1, stalled: 0 }, organizationUseError: null };

/**
 * Reads which services the organization uses, after its accounts have been audited; the chain is at the end.
 * OrganizationUse is repeated until every report is read. An error is caught and recorded, and does not change the status
 * of the run.
 */
export function organizationStates(scope: Construct, { task, next }: OrganizationStatesProps): Choice {
  const organizationUse = task('OrganizationUse', 'organization-use', {
    payload: {
      runId: '{% $plan.runId %}',
      attempt: '{% $organizationUse.attempt %}',
      stalled: '{% $organizationUse.stalled %}',
    },
    assign: { organizationUse: '{% $states.result.Payload %}' },
    outputs: {},
  });
  organizationUse.addCatch(next, {
    errors: ['States.ALL'],
    outputs: {},
    assign: { organizationUseError: failureCause },
  });
  const waitForReports = Wait.jsonata(scope, 'WaitForReports', {
    time: WaitTime.timestamp('{% $organizationUse.resumeAt %}'),
  });
  const moreReports = Choice.jsonata(scope, 'MoreReports')
    .when(Condition.jsonata("{% $organizationUse.status = 'UNFINISHED' %}"), waitForReports)
    .otherwise(next);
  const ofOrganization = Choice.jsonata(scope, 'OfOrganization', {
    comment: 'An execution may also audit single accounts of the organization.',
  })
    .when(Condition.jsonata('{% $plan.ofOrganization %}'), organizationUse)
    .otherwise(next);
  waitForReports.next(organizationUse).next(moreReports);
  return ofOrganization;
}
