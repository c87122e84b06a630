import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  Choice,
  Condition,
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  DistributedMap,
  Fail,
  LogLevel,
  Map,
  Pass,
  ProvideItems,
  QueryLanguage,
  S3JsonLItemReader,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
  Wait,
  WaitTime,
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { HandlerName } from '../core/contract/environment.ts';
import { logRetention } from './audit-functions.ts';
import { customerKey } from './customer-key.ts';
import type { ResultsBucket } from './results-bucket.ts';
import type { Settings } from './settings.ts';
import { WorkflowRole } from './workflow-role.ts';
import { publishRetry, taskRetries } from './workflow-retries.ts';

/** A run spread over a day, with the retries of a bad one, ends within two. */
const TIMEOUT = Duration.days(2);

/**
 * What Step Functions tells of a fault, as the contract's `FailureCause`. Lambda's cause is JSON that may be cut off,
 * so the message is taken from its text. Kept short: 500 batches' results must fit the 256 KiB of a payload.
 */
const failureCause = {
  code: '{% $states.errorOutput.Error %}',
  message:
    '{% $substring($substringBefore($substringAfter($string($states.errorOutput.Cause), \'"errorMessage":"\'), \'","\'), 0, 200) %}',
};

/** Which account a child execution audits, for which run. */
const auditedAccount = { runId: '{% $states.input.runId %}', accountId: '{% $states.input.accountId %}' };

const payloadOnly = { outputs: '{% $states.result.Payload %}' };

export interface AuditWorkflowProps {
  readonly functions: Readonly<Record<HandlerName, IFunction>>;
  readonly results: ResultsBucket;
  readonly settings: Settings;
  readonly stateMachineName: string;
  readonly topic: ITopic;
}

/**
 * The audit as a state machine: accounts side by side, an account's batches one after another. What fails in a batch
 * or an account is caught and recorded, and ends nothing else.
 */
export class AuditWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  /** What Step Functions logs of its executions. */
  readonly logGroup: LogGroup;
  readonly #functions: AuditWorkflowProps['functions'];

  constructor(scope: Construct, id: string, props: AuditWorkflowProps) {
    super(scope, id);
    const { functions, results, settings, stateMachineName, topic } = props;
    this.#functions = functions;

    const done = Succeed.jsonata(this, 'Done');
    const alreadyRun = Succeed.jsonata(this, 'AlreadyRun', {
      comment: 'The scheduled day was run already.',
      outputs: { status: 'ALREADY_RUN' },
    });
    const refused = Succeed.jsonata(this, 'Refused', {
      comment: 'Another run is in progress, or the input is wrong. Nothing has failed that an alarm should tell of.',
      outputs: { status: 'REFUSED', error: '{% $plan.refusal %}' },
    });
    const runFailed = Fail.jsonata(this, 'RunFailed', {
      error: 'RunFailed',
      cause: "{% 'Run ' & $plan.runId & ' could read no account: its run.json and report say why.' %}",
    });
    const outcome = Choice.jsonata(this, 'Outcome')
      .when(Condition.jsonata("{% $states.input.status = 'FAILED' %}"), runFailed)
      .otherwise(done);

    const notify = SnsPublish.jsonata(this, 'Notify', {
      topic,
      subject: '{% $states.input.notification.subject %}',
      message: TaskInput.fromText('{% $states.input.notification.message %}'),
      outputs: '{% $states.input %}',
    });
    notify.addRetry(publishRetry);
    const anythingToTell = Choice.jsonata(this, 'AnythingToTell')
      .when(Condition.jsonata('{% $states.input.notification != null %}'), notify)
      .otherwise(outcome);

    const planRun = this.#task('PlanRun', 'plan-run', {
      payload: {
        execution: {
          id: '{% $states.context.Execution.Id %}',
          name: '{% $states.context.Execution.Name %}',
          startedAt: '{% $states.context.Execution.StartTime %}',
          enteredAt: '{% $states.context.State.EnteredTime %}',
        },
        input: '{% $states.context.Execution.Input %}',
      },
      assign: { plan: '{% $states.result.Payload %}', accountsError: null },
    });
    const summariseRun = this.#task('SummariseRun', 'summarise-run', {
      payload: { runId: '{% $plan.runId %}', error: '{% $accountsError %}' },
    });

    const accounts = DistributedMap.jsonata(this, 'Accounts', {
      itemReader: new S3JsonLItemReader({ bucket: results.bucket, key: '{% $plan.accountsKey %}' }),
      itemSelector: {
        runId: '{% $plan.runId %}',
        request: '{% $plan.request %}',
        accountId: '{% $states.context.Map.Item.Value.accountId %}',
        resumeFrom: '{% $states.context.Map.Item.Value.resumeFrom %}',
        startAt: '{% $states.context.Map.Item.Value.startAt %}',
      },
      jsonataMaxConcurrency: '{% $plan.accountsAtOnce %}',
      // Some errors can't be caught: SummariseRun compares what was planned with what it finds.
      toleratedFailurePercentage: 100,
      outputs: {},
    });
    accounts.itemProcessor(this.#auditAccount());
    accounts.addCatch(summariseRun, { errors: ['States.ALL'], outputs: {}, assign: { accountsError: failureCause } });

    const waitForRun = Wait.jsonata(this, 'WaitForRun', {
      time: WaitTime.timestamp('{% $plan.waitUntil %}'),
      comment: 'The scheduled time has met a run that is in progress.',
    });
    const anythingToDo = Choice.jsonata(this, 'AnythingToDo')
      .when(Condition.jsonata("{% $plan.decision = 'WAIT' %}"), waitForRun)
      .when(Condition.jsonata("{% $plan.decision = 'ALREADY_RUN' %}"), alreadyRun)
      .when(Condition.jsonata("{% $plan.decision = 'REFUSED' %}"), refused)
      // A Distributed Map over an empty object fails: no accounts is no failure.
      .when(Condition.jsonata('{% $plan.accounts = 0 %}'), summariseRun)
      .otherwise(accounts);

    planRun.next(anythingToDo);
    waitForRun.next(planRun);
    accounts.next(summariseRun);
    summariseRun.next(anythingToTell);
    notify.next(outcome);

    const key = customerKey(this, settings);
    this.logGroup = new LogGroup(this, 'Logs', {
      ...(key === undefined ? {} : { encryptionKey: key }),
      // Step Functions takes no group whose policies have outgrown their limit; this prefix is spared that.
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      retention: logRetention(settings),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new WorkflowRole(this, 'Role', { functions, results, settings, stateMachineName, topic });
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName,
      role: role.role.withoutPolicyUpdates(),
      logs: { destination: this.logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      ...(key === undefined ? {} : { encryptionConfiguration: new CustomerManagedEncryptionConfiguration(key) }),
      stateMachineType: StateMachineType.STANDARD,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(planRun),
      timeout: TIMEOUT,
      comment: 'Audits IAM users and roles: what each can do, and what each has used.',
    });
    this.stateMachine.node.addDependency(role.policy);
    // CDK's own policy for the map is attached to nothing, because the role takes no updates.
    this.stateMachine.node.tryRemoveChild('DistributedMapPolicy');
  }

  /**
   * One account, in an execution of its own. Variables of the run do not reach it, so its input carries them, and it
   * must not use their names again (Step Functions Developer Guide, "Variable scope").
   */
  #auditAccount(): IChainable {
    const summariseAccount = this.#task('SummariseAccount', 'summarise-account', {
      payload: {
        runId: '{% $account.runId %}',
        accountId: '{% $account.accountId %}',
        inventory: '{% $inventory %}',
        results: '{% [$batchResults] %}',
        error: '{% $accountError %}',
      },
      // 10,000 accounts' outputs together must fit the 256 KiB of the parent's payload.
      outputs: '{% $account.accountId %}',
    });

    // A time that is past continues at once: so does an account that got its place late.
    const waitForTurn = Wait.jsonata(this, 'WaitForTurn', {
      time: WaitTime.timestamp('{% $states.input.startAt %}'),
    });
    const inventoryAccount = this.#task('InventoryAccount', 'inventory-account', {
      payload: {
        runId: '{% $states.input.runId %}',
        accountId: '{% $states.input.accountId %}',
        resumeFrom: '{% $states.input.resumeFrom %}',
        startAt: '{% $states.input.startAt %}',
        request: '{% $states.input.request %}',
      },
      assign: {
        account: auditedAccount,
        inventory: '{% $states.result.Payload %}',
        batchResults: [],
        accountError: null,
      },
    });
    inventoryAccount.addCatch(summariseAccount, {
      errors: ['States.ALL'],
      assign: {
        account: auditedAccount,
        inventory: null,
        batchResults: [],
        accountError: failureCause,
      },
    });

    const batches = Map.jsonata(this, 'Batches', {
      items: ProvideItems.jsonata('{% [$inventory.batches] %}'),
      itemSelector: { batch: '{% $states.context.Map.Item.Value %}' },
      maxConcurrency: 1,
      assign: { batchResults: '{% [$states.result] %}' },
      outputs: {},
    });
    batches.itemProcessor(this.#auditBatch());
    batches.addCatch(summariseAccount, { errors: ['States.ALL'], outputs: {}, assign: { accountError: failureCause } });

    waitForTurn.next(inventoryAccount);
    inventoryAccount.next(batches);
    batches.next(summariseAccount);
    return waitForTurn;
  }

  /** One batch: not before its slot, and again with the rest for as long as there is one. */
  #auditBatch(): IChainable {
    const batchFinished = Pass.jsonata(this, 'BatchFinished', {
      outputs: { n: '{% $outcome.n %}', attempts: '{% $outcome.attempts %}' },
    });
    const batchFailed = Pass.jsonata(this, 'BatchFailed', {
      outputs: { n: '{% $states.input.batch.n %}', attempts: '{% $attempt %}', error: '{% $batchError %}' },
    });

    const waitForSlot = Wait.jsonata(this, 'WaitForSlot', {
      time: WaitTime.timestamp('{% $states.input.batch.slotAt %}'),
      assign: { attempt: 1, stalled: 0 },
    });
    const auditBatch = this.#task('AuditBatch', 'audit-batch', {
      payload: {
        runId: '{% $account.runId %}',
        accountId: '{% $account.accountId %}',
        batch: '{% $states.input.batch %}',
        attempt: '{% $attempt %}',
        stalled: '{% $stalled %}',
      },
      assign: { outcome: '{% $states.result.Payload %}' },
      outputs: '{% $states.input %}',
    });
    auditBatch.addCatch(batchFailed, {
      errors: ['States.ALL'],
      outputs: '{% $states.input %}',
      assign: { batchError: failureCause },
    });
    const coolDown = Wait.jsonata(this, 'CoolDown', {
      time: WaitTime.timestamp('{% $outcome.resumeAt %}'),
      assign: { attempt: '{% $outcome.attempt %}', stalled: '{% $outcome.stalled %}' },
    });
    const unfinished = Choice.jsonata(this, 'Unfinished')
      .when(Condition.jsonata("{% $outcome.status = 'UNFINISHED' %}"), coolDown)
      .otherwise(batchFinished);

    waitForSlot.next(auditBatch);
    auditBatch.next(unfinished);
    coolDown.next(auditBatch);
    return waitForSlot;
  }

  #task(
    id: string,
    handler: HandlerName,
    options: { payload: Record<string, unknown>; assign?: Record<string, unknown>; outputs?: unknown },
  ): LambdaInvoke {
    const { payload, ...rest } = options;
    const task = LambdaInvoke.jsonata(this, id, {
      lambdaFunction: this.#functions[handler],
      payload: TaskInput.fromObject(payload),
      // CDK's own retry has no jitter and leaves throttled invocations out.
      retryOnServiceExceptions: false,
      ...payloadOnly,
      ...rest,
    });
    for (const retry of taskRetries) task.addRetry(retry);
    return task;
  }
}
