import { Duration } from 'aws-cdk-lib/core';
import { Dashboard, GraphWidget, SingleValueWidget, Stats, TextWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { figureMetrics } from '../core/contract/operations/run-metrics.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import type { Settings } from './settings.ts';

export interface AuditDashboardProps {
  readonly metrics: AuditMetrics;
  readonly settings: Settings;
}

/** Metrics have data only when a run ends, so a period of a day shows one point for each daily run. */
const DAY = Duration.days(1);

/** A dashboard of the last month: results, evidence, calls and pace of the runs. */
export class AuditDashboard extends Construct {
  constructor(scope: Construct, id: string, { metrics, settings }: AuditDashboardProps) {
    super(scope, id);
    const figures = (...names: (keyof typeof figureMetrics)[]): IMetric[] =>
      names.map((name) => metrics.figure(name, Stats.MAXIMUM, DAY));
    const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
      new GraphWidget({ title, left, right, width: 12, height: 6, leftYAxis: { min: 0 } });
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: settings.stackName,
      defaultInterval: Duration.days(30),
    });
    dashboard.addWidgets(
      new TextWidget({
        markdown: `# IAM audit ${settings.stackName}\nRuns of all accounts and principals. ${settings.runbookUrl === undefined ? 'docs/runbook.md describes the alarms.' : `[Runbook](${settings.runbookUrl})`}`,
        width: 24,
        height: 2,
      }),
    );
    dashboard.addWidgets(
      new SingleValueWidget({
        title: 'Last run',
        metrics: [
          ...figures('hoursSinceComplete', 'runsSinceComplete'),
          metrics.of('accountsAudited', Stats.MINIMUM, DAY),
          metrics.of('principalsAudited', Stats.MINIMUM, DAY),
        ],
        width: 24,
        height: 4,
      }),
    );
    dashboard.addWidgets(
      graph('Open findings', figures('findingsCritical', 'findingsHigh', 'findingsMedium', 'findingsLow')),
      graph('Principals', figures('principalsComplete', 'principalsPartial', 'principalsFailed')),
    );
    dashboard.addWidgets(
      graph('Calls', figures('calls', 'throttledCalls', 'callsSaved')),
      graph('Pace: seconds paced, percent throttled', figures('secondsPaced'), figures('throttledPercent')),
    );
    dashboard.addWidgets(
      graph('Failed, timed out', [
        metrics.of('failed', Stats.MAXIMUM, DAY),
        metrics.of('timedOut', Stats.MAXIMUM, DAY),
      ]),
      graph('Late runs, damaged objects, undelivered messages', [
        ...figures('windowExceeded', 'damagedObjects'),
        metrics.of('undelivered', Stats.MAXIMUM, DAY),
      ]),
    );
  }
}
