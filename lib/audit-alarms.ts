import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic, Subscription, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
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
    this.topic = new Topic(this, 'Topic', { displayName: 'IAM audit', enforceSSL: true });
    settings.subscribers.forEach((endpoint, index) => {
      new Subscription(this, `Subscriber${index}`, { topic: this.topic, endpoint, protocol: protocolOf(endpoint) });
    });
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
    if (settings.schedule.enabled) this.#missed(stateMachine);
  }

  /** Hour by hour, because a period that ends at midnight would not see a run of yesterday evening. */
  #missed(stateMachine: StateMachine): void {
    const hours = this.#settings.schedule.missedAfterHours;
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
    alarm.addAlarmAction(new SnsAction(this.topic));
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
    alarm.addAlarmAction(new SnsAction(this.topic));
  }

  #description(section: keyof typeof runbookSections, what: string): string {
    return `${what} ${this.#settings.runbookUrl}#${runbookSections[section]}`;
  }
}

function protocolOf(endpoint: string): SubscriptionProtocol {
  if (endpoint.startsWith('https://')) return SubscriptionProtocol.HTTPS;
  if (!endpoint.startsWith('arn:')) return SubscriptionProtocol.EMAIL;
  return endpoint.includes(':sqs:') ? SubscriptionProtocol.SQS : SubscriptionProtocol.LAMBDA;
}
