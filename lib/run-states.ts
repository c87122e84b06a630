import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  Choice,
  Condition,
  DistributedMap,
  Fail,
  S3JsonLItemReader,
  Succeed,
  Wait,
  WaitTime,
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { accountStates } from './account-states.ts';
import { culpritsStates } from './culprits-states.ts';
import type { DoctorQueries } from './doctor-queries.ts';
import { failureCause, type FunctionTask } from './function-tasks.ts';
import { importStates, importVariables } from './import-states.ts';
import { messageStates, messageVariables } from './message-states.ts';
import { organizationStates, organizationVariables } from './organization-states.ts';

export interface RunStatesProps {
  readonly task: FunctionTask;
  readonly resultsBucket: IBucket;
  readonly topic: ITopic;
  /** Present with the setting `doctor`: the workflow then asks who used the rate up if many calls were throttled. */
  readonly doctor?: DoctorQueries | undefined;
  /** Whether the setting `accounts` is `organization`: the workflow then reads which services the organization uses. */
  readonly ofOrganization: boolean;
  /** Whether the findings are imported into Security Hub. */
  readonly securityHub: boolean;
}

/**
 * The states of a run; the chain is at the end. Accounts run in parallel, the batches of an account one after another.
 * An error in a batch or an account is caught and recorded, and does not stop the others.
 */
export function runStates(
  scope: Construct,
  { task, resultsBucket, topic, doctor, ofOrganization, securityHub }: RunStatesProps,
): IChainable {
  const done = Succeed.jsonata(scope, 'Done', {
    outputs: {
      runId: '{% $summary.runId %}',
      status: '{% $summary.status %}',
      notification: '{% $summary.notification %}',
      undelivered: '{% [$undelivered] %}',
    },
  });
  const alreadyRun = Succeed.jsonata(scope, 'AlreadyRun', {
    comment: 'A run for the scheduled day exists already.',
    outputs: { status: 'ALREADY_RUN' },
  });
  const refused = Succeed.jsonata(scope, 'Refused', {
    comment: 'Another run is in progress, or the input is wrong. The execution succeeds, so that no alarm is raised.',
    outputs: { status: 'REFUSED', error: '{% $plan.refusal %}' },
  });
  const runFailed = Fail.jsonata(scope, 'RunFailed', {
    error: 'RunFailed',
    cause: "{% 'Run ' & $plan.runId & ' could not read any account. Its run.json and report say why.' %}",
  });
  const outcome = Choice.jsonata(scope, 'Outcome')
    .when(Condition.jsonata("{% $summary.status = 'FAILED' %}"), runFailed)
    .otherwise(done);

  const publishEvents = messageStates(scope, { topic, next: outcome });
  const told = securityHub ? importStates(scope, { task, next: publishEvents }) : publishEvents;

  const planRun = task('PlanRun', 'plan-run', {
    payload: {
      execution: {
        id: '{% $states.context.Execution.Id %}',
        name: '{% $states.context.Execution.Name %}',
        startedAt: '{% $states.context.Execution.StartTime %}',
        enteredAt: '{% $states.context.State.EnteredTime %}',
      },
      input: '{% $states.context.Execution.Input %}',
    },
    assign: {
      plan: '{% $states.result.Payload %}',
      accountsError: null,
      ...(ofOrganization ? organizationVariables : {}),
    },
  });
  const summariseRun = task('SummariseRun', 'summarise-run', {
    payload: {
      runId: '{% $plan.runId %}',
      error: '{% $accountsError %}',
      ...(doctor === undefined ? {} : { namesCulprits: true }),
      ...(ofOrganization ? { organizationUseError: '{% $organizationUseError %}' } : {}),
    },
    assign: {
      summary: '{% $states.result.Payload %}',
      ...messageVariables,
      ...(securityHub ? importVariables : {}),
    },
  });
  const reported = doctor === undefined ? told : culpritsStates(scope, { task, doctor, next: told });

  const audited = ofOrganization ? organizationStates(scope, { task, next: summariseRun }) : summariseRun;

  const accounts = DistributedMap.jsonata(scope, 'Accounts', {
    itemReader: new S3JsonLItemReader({ bucket: resultsBucket, key: '{% $plan.accountsKey %}' }),
    itemSelector: {
      runId: '{% $plan.runId %}',
      request: '{% $plan.request %}',
      accountId: '{% $states.context.Map.Item.Value.accountId %}',
      resumeFrom: '{% $states.context.Map.Item.Value.resumeFrom %}',
      startAt: '{% $states.context.Map.Item.Value.startAt %}',
    },
    jsonataMaxConcurrency: '{% $plan.accountsAtOnce %}',
    // Some errors can't be caught. SummariseRun compares the planned accounts with the accounts that have results.
    toleratedFailurePercentage: 100,
    outputs: {},
  });
  accounts.itemProcessor(accountStates(scope, task));
  accounts.addCatch(audited, { errors: ['States.ALL'], outputs: {}, assign: { accountsError: failureCause } });

  const waitForRun = Wait.jsonata(scope, 'WaitForRun', {
    time: WaitTime.timestamp('{% $plan.waitUntil %}'),
    comment: 'Another run was in progress at the scheduled time.',
  });
  const anythingToDo = Choice.jsonata(scope, 'AnythingToDo')
    .when(Condition.jsonata("{% $plan.decision = 'WAIT' %}"), waitForRun)
    .when(Condition.jsonata("{% $plan.decision = 'ALREADY_RUN' %}"), alreadyRun)
    .when(Condition.jsonata("{% $plan.decision = 'REFUSED' %}"), refused)
    // A Distributed Map fails if its object is empty, but a run without accounts is not a failure.
    .when(Condition.jsonata('{% $plan.accounts = 0 %}'), summariseRun)
    .otherwise(accounts);

  const chain = planRun.next(anythingToDo);
  waitForRun.next(planRun);
  accounts.next(audited);
  summariseRun.next(reported);
  return chain;
}
