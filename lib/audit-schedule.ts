import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib/core';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ContextAttribute,
  Schedule,
  ScheduleGroup,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { ExecutionInput } from '../core/contract/execution-input.ts';
import { acknowledge } from './acknowledgements.ts';
import { auditRole } from './audit-role.ts';
import { customerKey } from './customer-key.ts';
import type { Settings } from './settings.ts';

/** A failed start is retried three times within an hour. After that a person should look. CDK's default is 185 retries. */
const RETRIES = 3;
const MAX_EVENT_AGE = Duration.hours(1);
/** The maximum of SQS. */
const MESSAGE_RETENTION = Duration.days(14);

export interface AuditScheduleProps {
  readonly stateMachine: StateMachine;
  readonly settings: Settings;
}

/** Starts runs on schedule. The claim ensures at most one run per day. Starts that failed are sent to a queue. */
export class AuditSchedule extends Construct {
  readonly notStarted: Queue;

  constructor(scope: Construct, id: string, { stateMachine, settings }: AuditScheduleProps) {
    super(scope, id);
    const { schedule } = settings;
    const key = customerKey(this, settings);
    this.notStarted = new Queue(this, 'NotStarted', {
      ...(key === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: key }),
      enforceSSL: true,
      retentionPeriod: MESSAGE_RETENTION,
    });
    acknowledge(this.notStarted, { 'AwsSolutions-SQS3': 'This queue is the dead-letter queue.' });
    const role = auditRole(this, 'Role', {
      settings,
      name: 'schedule',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        // Prevents the confused deputy: only this account's schedules may use the role.
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'StartRuns',
        actions: ['states:StartExecution'],
        resources: [stateMachine.stateMachineArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'KeepWhatCouldNotStart',
        actions: ['sqs:SendMessage'],
        resources: [this.notStarted.queueArn],
      }),
    );
    if (key !== undefined) {
      role.addToPolicy(
        new PolicyStatement({
          // For the queue's messages, and for the executions that the schedule starts.
          sid: 'UseKey',
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: [key.keyArn],
        }),
      );
    }
    const input = {
      scheduledTime: ContextAttribute.scheduledTime,
      timeZone: schedule.timeZone,
      spreadOverMinutes: schedule.spreadOverMinutes,
    } satisfies Record<keyof Pick<ExecutionInput, 'scheduledTime' | 'timeZone' | 'spreadOverMinutes'>, unknown>;
    // Schedules have no tags. The tags are on the schedule group.
    const scheduleGroup = new ScheduleGroup(this, 'Group', { removalPolicy: RemovalPolicy.DESTROY });
    const runs = new Schedule(this, 'Schedule', {
      scheduleGroup,
      description: 'Starts an IAM audit.',
      enabled: schedule.enabled,
      schedule: ScheduleExpression.expression(schedule.expression, TimeZone.of(schedule.timeZone)),
      timeWindow:
        schedule.flexibleWindowMinutes === 0
          ? TimeWindow.off()
          : TimeWindow.flexible(Duration.minutes(schedule.flexibleWindowMinutes)),
      target: new StepFunctionsStartExecution(stateMachine, {
        role: role.withoutPolicyUpdates(),
        input: ScheduleTargetInput.fromObject(input),
        retryAttempts: RETRIES,
        maxEventAge: MAX_EVENT_AGE,
        deadLetterQueue: this.notStarted,
      }),
    });
    // CDK refers to the group by name. Without this dependency CloudFormation may create the schedule before the group.
    runs.node.addDependency(scheduleGroup);
  }
}
