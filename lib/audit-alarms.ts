import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic, Subscription, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';
import { customerKey } from './customer-key.ts';
import type { Settings } from './settings.ts';

export interface AuditAlarmsProps {
  readonly stateMachine: StateMachine;
  readonly notStarted: Queue;
  readonly settings: Settings;
}

/** The runbook's sections, each for one alarm: a test compares them with docs/runbook.md. */
export const runbookSections = {
  failed: 'run-failed',
  timedOut: 'run-timed-out',
  missed: 'run-missed',
  notStarted: 'run-not-started',
} as const;

const FIVE_MINUTES = Duration.minutes(5);

/** Tells people when a run failed, took too long, could not start, or did not take place. */
export class AuditAlarms extends Construct {
  readonly topic: Topic;
  readonly #settings: Settings;

  constructor(scope: Construct, id: string, { stateMachine, notStarted, settings }: AuditAlarmsProps) {
    super(scope, id);
    this.#settings = settings;
    const masterKey = customerKey(this, settings);
    this.topic = new Topic(this, 'Topic', {
      displayName: 'IAM audit',
      enforceSSL: true,
      ...(masterKey === undefined ? {} : { masterKey }),
    });
    // A policy of its own takes the place of the one by which SNS lets the account's alarms publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const endpoint of settings.subscribers) {
      // Named after whom it is for: who is removed from the list takes nobody else along.
      const id = createHash('sha256').update(endpoint).digest('hex').slice(0, 12);
      const protocol = endpoint.startsWith('https://') ? SubscriptionProtocol.HTTPS : SubscriptionProtocol.EMAIL;
      new Subscription(this, `Subscriber${id}`, { topic: this.topic, endpoint, protocol });
    }
    const sum = { period: FIVE_MINUTES, statistic: Stats.SUM };
    this.#alarm(
      'Failed',
      'failed',
      'A run failed: it could read no account, or broke off.',
      stateMachine.metricFailed(sum),
    );
    this.#alarm(
      'TimedOut',
      'timedOut',
      'A run took longer than the workflow allows.',
      stateMachine.metricTimedOut(sum),
    );
    this.#alarm(
      'NotStarted',
      'notStarted',
      'The schedule could not start a run.',
      notStarted.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
    );
    const { enabled, missedAfterHours } = settings.schedule;
    if (enabled && missedAfterHours > 0) this.#missed(stateMachine, missedAfterHours);
  }

  /** Hour by hour, because a period that ends at midnight would not see a run of yesterday evening. */
  #missed(stateMachine: StateMachine, hours: number): void {
    const alarm = new Alarm(this, 'Missed', {
      alarmDescription: this.#description('missed', `No run has succeeded for ${hours} hours.`),
      metric: stateMachine.metricSucceeded({ period: Duration.hours(1), statistic: Stats.SUM }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hours,
      datapointsToAlarm: hours,
      // No execution sends no metric: that is what it watches for.
      treatMissingData: TreatMissingData.BREACHING,
    });
    this.#tell(alarm);
  }

  #alarm(id: string, section: keyof typeof runbookSections, what: string, metric: IMetric): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: this.#description(section, what),
      metric,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.#tell(alarm);
  }

  /** When it goes off, and when all is well again: an alarm that stays on tells nobody twice. */
  #tell(alarm: Alarm): void {
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }

  #description(section: keyof typeof runbookSections, what: string): string {
    return `${what} ${this.#settings.runbookUrl}#${runbookSections[section]}`;
  }
}
