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
import type { AuditMetrics } from './audit-metrics.ts';
import type { Settings } from './settings.ts';

export interface AuditAlarmsProps {
  readonly metrics: AuditMetrics;
  readonly notStarted: Queue;
  readonly settings: Settings;
  readonly topic: ITopic;
}

/** The section of docs/runbook.md for each alarm. A test compares them with the document. */
export const runbookSections = {
  failed: 'run-failed',
  timedOut: 'run-timed-out',
  accounts: 'accounts-not-audited',
  principals: 'principals-not-audited',
  missed: 'run-missed',
  notStarted: 'run-not-started',
} as const;

/**
 * Only runs send these metrics. An alarm keeps its state between runs, so it stays in ALARM until a run succeeds.
 */
const keepStateBetweenRuns = { evaluationPeriods: 1, treatMissingData: TreatMissingData.IGNORE };

/** Alarms for a run that failed, timed out, could not start, was missed, or has too little evidence. */
export class AuditAlarms extends Construct {
  readonly #settings: Settings;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { metrics, notStarted, settings, topic }: AuditAlarmsProps) {
    super(scope, id);
    this.#settings = settings;
    this.#topic = topic;
    this.#atLeastOne(
      'Failed',
      'failed',
      'A run failed: no account could be audited, or the workflow was interrupted.',
      {
        metric: metrics.of('failed', Stats.MAXIMUM),
        ...keepStateBetweenRuns,
      },
    );
    this.#atLeastOne('TimedOut', 'timedOut', 'A run took longer than the workflow allows.', {
      metric: metrics.of('timedOut', Stats.MAXIMUM),
      ...keepStateBetweenRuns,
    });
    this.#atLeastOne('NotStarted', 'notStarted', 'The schedule could not start a run.', {
      metric: notStarted.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: Stats.MAXIMUM,
      }),
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const { accountsAuditedPercent, principalsAuditedPercent } = settings.alarms;
    this.#below(
      'Accounts',
      'accounts',
      'accounts',
      accountsAuditedPercent,
      metrics.of('accountsAudited', Stats.MINIMUM),
    );
    this.#below(
      'Principals',
      'principals',
      'principals of the audited accounts',
      principalsAuditedPercent,
      metrics.of('principalsAudited', Stats.MINIMUM),
    );
    const { enabled, missedAfterHours } = settings.schedule;
    if (enabled && missedAfterHours > 0) this.#missed(metrics, missedAfterHours);
  }

  /** Periods of one hour: a period of one day would end at midnight and miss a run of the evening before. */
  #missed(metrics: AuditMetrics, hours: number): void {
    this.#alarm('Missed', 'missed', `No run of all accounts and principals has succeeded in the last ${hours} hours.`, {
      metric: metrics.of('succeeded', Stats.SUM, Duration.hours(1)),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hours,
      datapointsToAlarm: hours,
      // Without a run there is no metric, and that must raise this alarm.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #atLeastOne(
    id: string,
    section: keyof typeof runbookSections,
    description: string,
    props: Omit<CreateAlarmOptions, 'threshold'> & { readonly metric: IMetric },
  ): void {
    this.#alarm(id, section, description, {
      ...props,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
    });
  }

  #below(id: string, section: keyof typeof runbookSections, subject: string, percent: number, metric: IMetric): void {
    if (percent === 0) return;
    this.#alarm(id, section, `A run audited less than ${percent} % of the ${subject}.`, {
      metric,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: percent,
      ...keepStateBetweenRuns,
    });
  }

  /** Subscribers get a message when the alarm's state changes to ALARM and when it changes back to OK. */
  #alarm(id: string, section: keyof typeof runbookSections, description: string, props: AlarmProps): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${description} ${this.#settings.runbookUrl}#${runbookSections[section]}`,
      ...props,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}
