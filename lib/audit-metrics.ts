import { Duration } from 'aws-cdk-lib/core';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  FilterPattern,
  MetricFilter,
  type IFilterPattern,
  type ILogGroup,
  type JsonPattern,
} from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  figureDimension,
  figureMetrics,
  metricsNamespace,
  runMetrics,
} from '../core/contract/operations/run-metrics.ts';

export interface AuditMetricsProps {
  readonly stateMachineName: string;
  /** The log group of the workflow's executions. */
  readonly workflowLogs: ILogGroup;
  /** The log group with one `RunEnded` line for each ended run. */
  readonly summaryLogs: ILogGroup;
}

/**
 * Metrics of the results of runs. The metrics of Step Functions are not sufficient: they also count executions that
 * were refused because another run was in progress, and they can't keep an alarm in ALARM until a run succeeds.
 */
export class AuditMetrics extends Construct {
  readonly #namespace: string;

  constructor(scope: Construct, id: string, { stateMachineName, workflowLogs, summaryLogs }: AuditMetricsProps) {
    super(scope, id);
    this.#namespace = metricsNamespace(stateMachineName);
    const field = (name: string, value: string): JsonPattern => FilterPattern.stringValue(`$.${name}`, '=', value);
    // A run of some accounts or principals has no result for the others.
    const ended = FilterPattern.all(field('event', 'RunEnded'), FilterPattern.booleanValue('$.wholeScope', true));
    const notFailed = FilterPattern.all(ended, FilterPattern.stringValue('$.status', '!=', 'FAILED'));
    // Child executions of the Accounts map do not match: their ARNs have a slash after the state machine's name.
    const ofRuns = field('execution_arn', `*:execution:${stateMachineName}:*`);

    this.#filter(
      'Failed',
      workflowLogs,
      FilterPattern.all(field('type', 'ExecutionFailed'), ofRuns),
      runMetrics.failed,
      '1',
    );
    this.#filter(
      'TimedOut',
      workflowLogs,
      FilterPattern.all(field('type', 'ExecutionTimedOut'), ofRuns),
      runMetrics.timedOut,
      '1',
    );
    this.#filter(
      'Undelivered',
      workflowLogs,
      FilterPattern.all(
        field('type', 'PassStateEntered'),
        FilterPattern.stringValue('$.details.name', '=', '*NotDelivered'),
        ofRuns,
      ),
      runMetrics.undelivered,
      '1',
    );
    this.#filter('NotUndelivered', summaryLogs, ended, runMetrics.undelivered, '0');
    this.#filter('NotFailed', summaryLogs, notFailed, runMetrics.failed, '0');
    this.#filter('NotTimedOut', summaryLogs, ended, runMetrics.timedOut, '0');
    this.#filter('Succeeded', summaryLogs, notFailed, runMetrics.succeeded, '1');
    this.#filter('Accounts', summaryLogs, notFailed, runMetrics.accountsAudited, '$.accountsAuditedPercent');
    this.#filter('Principals', summaryLogs, notFailed, runMetrics.principalsAudited, '$.principalsAuditedPercent');
  }

  /** Log lines reach a metric late, and an alarm evaluates only some of the last periods: one minute would be too short. */
  of(name: keyof typeof runMetrics, statistic: string, period = Duration.minutes(5)): Metric {
    return new Metric({ namespace: this.#namespace, metricName: runMetrics[name], statistic, period });
  }

  /** A metric that functions log in the embedded metric format. */
  figure(name: keyof typeof figureMetrics, statistic: string, period = Duration.minutes(5)): Metric {
    const [metricName] = figureMetrics[name];
    return new Metric({
      namespace: this.#namespace,
      metricName,
      dimensionsMap: { ...figureDimension },
      statistic,
      period,
    });
  }

  #filter(
    id: string,
    logGroup: ILogGroup,
    filterPattern: IFilterPattern,
    metricName: string,
    metricValue: string,
  ): void {
    new MetricFilter(this, id, { logGroup, filterPattern, metricNamespace: this.#namespace, metricName, metricValue });
  }
}
