import { Duration } from 'aws-cdk-lib/core';
import {
  Alarm,
  ComparisonOperator,
  Stats,
  TreatMissingData,
  type AlarmProps,
  type CreateAlarmOptions,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { alarmDescription, type AlarmName } from './alarm-texts.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import type { Settings } from './settings.ts';

export interface AuditAlarmsProps {
  readonly metrics: AuditMetrics;
  readonly notStarted: Queue;
  readonly settings: Settings;
  readonly topic: ITopic;
}

/**
 * Only runs send these metrics. An alarm keeps its state between runs, so it stays in ALARM until a run succeeds.
 */
const keepStateBetweenRuns = { evaluationPeriods: 1, treatMissingData: TreatMissingData.IGNORE };

/** Alarms about runs: failed, missed, late, with too little evidence, throttled, or with damaged objects. */
export class AuditAlarms extends Construct {
  readonly #settings: Settings;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { metrics, notStarted, settings, topic }: AuditAlarmsProps) {
    super(scope, id);
    this.#settings = settings;
    this.#topic = topic;
    const { accountsAuditedPercent, principalsAuditedPercent, throttledPercent } = settings.alarms;
    this.#atLeast('Failed', 'failed', 1, { metric: metrics.of('failed', Stats.MAXIMUM), ...keepStateBetweenRuns });
    this.#atLeast('TimedOut', 'timedOut', 1, {
      metric: metrics.of('timedOut', Stats.MAXIMUM),
      ...keepStateBetweenRuns,
    });
    this.#atLeast('NotStarted', 'notStarted', 1, {
      metric: notStarted.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: Stats.MAXIMUM,
      }),
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.#below('Accounts', 'accounts', accountsAuditedPercent, metrics.of('accountsAudited', Stats.MINIMUM));
    this.#below('Principals', 'principals', principalsAuditedPercent, metrics.of('principalsAudited', Stats.MINIMUM));
    this.#ofRun('Partial', 'partial', 2, metrics.figure('runsSinceComplete', Stats.MAXIMUM));
    if (throttledPercent > 0) {
      this.#ofRun('Throttled', 'throttled', throttledPercent, metrics.figure('throttledPercent', Stats.MAXIMUM));
    }
    this.#ofRun('Window', 'window', 1, metrics.figure('windowExceeded', Stats.MAXIMUM));
    this.#ofRun('Undelivered', 'undelivered', 1, metrics.of('undelivered', Stats.MAXIMUM));
    this.#ofRun('Damaged', 'damaged', 1, metrics.figure('damagedObjects', Stats.MAXIMUM));
    const { enabled, missedAfterHours } = settings.schedule;
    if (enabled && missedAfterHours > 0) this.#missed(metrics, missedAfterHours);
  }

  /** Periods of one hour: a period of one day would end at midnight and miss a run of the evening before. */
  #missed(metrics: AuditMetrics, hours: number): void {
    this.#alarm('Missed', 'missed', {
      metric: metrics.of('succeeded', Stats.SUM, Duration.hours(1)),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hours,
      datapointsToAlarm: hours,
      // Without a run there is no metric, and that must raise this alarm.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #ofRun(id: string, name: AlarmName, threshold: number, metric: IMetric): void {
    this.#atLeast(id, name, threshold, { metric, ...keepStateBetweenRuns });
  }

  #atLeast(
    id: string,
    name: AlarmName,
    threshold: number,
    props: Omit<CreateAlarmOptions, 'threshold'> & { readonly metric: IMetric },
  ): void {
    this.#alarm(id, name, {
      ...props,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold,
    });
  }

  #below(id: string, name: AlarmName, percent: number, metric: IMetric): void {
    if (percent === 0) return;
    this.#alarm(id, name, {
      metric,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: percent,
      ...keepStateBetweenRuns,
    });
  }

  /** Subscribers get a message when the alarm's state changes to ALARM and when it changes back to OK. */
  #alarm(id: string, name: AlarmName, props: AlarmProps): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: alarmDescription(name, this.#settings.runbookUrl),
      ...props,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}
