import { Duration } from 'aws-cdk-lib';
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

/** The runbook's sections, each for one alarm: a test compares them with docs/runbook.md. */
export const runbookSections = {
  failed: 'run-failed',
  timedOut: 'run-timed-out',
  accounts: 'accounts-not-audited',
  principals: 'principals-not-audited',
  missed: 'run-missed',
  notStarted: 'run-not-started',
} as const;

/**
 * Only runs send these metrics: between two of them an alarm stays as it is, so that it is on until a run has succeeded.
 */
const untilTheNextRun = { evaluationPeriods: 1, treatMissingData: TreatMissingData.IGNORE };

/** Tells people when a run failed, took too long, could not start, did not take place, or left much out. */
export class AuditAlarms extends Construct {
  readonly #settings: Settings;
  readonly #topic: ITopic;

  constructor(scope: Construct, id: string, { metrics, notStarted, settings, topic }: AuditAlarmsProps) {
    super(scope, id);
    this.#settings = settings;
    this.#topic = topic;
    this.#atLeastOne('Failed', 'failed', 'A run failed: it could audit no account, or broke off.', {
      metric: metrics.of('failed', Stats.MAXIMUM),
      ...untilTheNextRun,
    });
    this.#atLeastOne('TimedOut', 'timedOut', 'A run took longer than the workflow allows.', {
      metric: metrics.of('timedOut', Stats.MAXIMUM),
      ...untilTheNextRun,
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

  /** Hour by hour, because a period that ends at midnight would not see a run of yesterday evening. */
  #missed(metrics: AuditMetrics, hours: number): void {
    this.#alarm('Missed', 'missed', `No run of all accounts has succeeded for ${hours} hours.`, {
      metric: metrics.of('succeeded', Stats.SUM, Duration.hours(1)),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: hours,
      datapointsToAlarm: hours,
      // No run sends no metric: that is what it watches for.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #atLeastOne(
    id: string,
    section: keyof typeof runbookSections,
    what: string,
    props: Omit<CreateAlarmOptions, 'threshold'> & { readonly metric: IMetric },
  ): void {
    this.#alarm(id, section, what, {
      ...props,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
    });
  }

  #below(id: string, section: keyof typeof runbookSections, whose: string, percent: number, metric: IMetric): void {
    if (percent === 0) return;
    this.#alarm(id, section, `A run audited less than ${percent} % of the ${whose}.`, {
      metric,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: percent,
      ...untilTheNextRun,
    });
  }

  /** Tells the subscribers when it goes off, and when all is well again. */
  #alarm(id: string, section: keyof typeof runbookSections, what: string, props: AlarmProps): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${what} ${this.#settings.runbookUrl}#${runbookSections[section]}`,
      ...props,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}
