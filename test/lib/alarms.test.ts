import { Template } from 'aws-cdk-lib/assertions';
import type { Figures, RunEnded } from '../../core/contract/operations/run-metrics.ts';
import { embeddedMetrics } from '../../lambda/runtime/embedded-metrics.ts';
import { auditApp } from '../../lib/audit-app.ts';
import { embeddedMetricsOf } from '../support/embedded-metrics.ts';
import { writtenBy } from '../support/function-lines.ts';
import { metricValue } from '../support/metric-filter.ts';

interface Filter {
  readonly FilterPattern: string;
  readonly LogGroupName: { readonly Ref: string };
  readonly MetricTransformations: readonly [{ readonly MetricName: string; readonly MetricValue: string }];
}
interface AlarmProperties {
  readonly Namespace: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly MetricName: string;
  readonly ComparisonOperator: string;
  readonly Threshold: number;
  readonly TreatMissingData: string;
}

const template = Template.fromStack(
  auditApp({ bundle: false, validate: false, settings: { stackName: 'Audit' } }).stack,
);
const propertiesOf = <T>(type: string): T[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties as T);
const filters = propertiesOf<Filter>('AWS::Logs::MetricFilter');
const alarms = propertiesOf<AlarmProperties>('AWS::CloudWatch::Alarm').filter(
  ({ TreatMissingData }) => TreatMissingData === 'ignore',
);

/** A line of the log group with this prefix in its logical ID. */
type LogLine = readonly [group: 'Functionssummariserun' | 'Workflow', line: string];

const ended = (fields: Partial<RunEnded> = {}): LogLine => [
  'Functionssummariserun',
  JSON.stringify({
    event: 'RunEnded',
    runId: '20261123T040000Z-abcdef',
    status: 'COMPLETE',
    wholeScope: true,
    accountsAuditedPercent: 100,
    principalsAuditedPercent: 100,
    ...fields,
  }),
];
/** As Step Functions logs events (Developer Guide, "Using CloudWatch Logs to log execution history"). */
const execution = (type: string, name = 'run-1'): LogLine => [
  'Workflow',
  JSON.stringify({
    id: '9',
    type,
    details: {},
    previous_event_id: '8',
    event_timestamp: '1796000000000',
    execution_arn: `arn:aws:states:eu-west-1:111122223333:execution:Audit${name.includes('/') ? '' : ':'}${name}`,
  }),
];
const state = (name: string): LogLine => {
  const [group, line] = execution('PassStateEntered');
  return [group, JSON.stringify({ ...(JSON.parse(line) as object), details: { name } })];
};
const failedRun = execution('ExecutionFailed');
const refusedStart = execution('ExecutionSucceeded');

/** A line with metrics, as a function of the stack logs it. */
async function figures(values: Figures): Promise<LogLine> {
  const { text } = await writtenBy(() => {
    embeddedMetrics('IamAudit/Audit')(values);
    return Promise.resolve();
  });
  return ['Functionssummariserun', text.trim()];
}

/** The metrics from a line, by name. */
const metricsOf = ([group, line]: LogLine): Record<string, number> => ({
  ...filteredMetrics([group, line]),
  ...(line.startsWith('{"_aws"') ? embedded(JSON.parse(line)) : {}),
});

/** Metrics of a line in the embedded format, if an alarm has their namespace and dimensions. */
const embedded = (line: unknown): Record<string, number> =>
  Object.fromEntries(
    embeddedMetricsOf(line)
      .filter((metric) =>
        alarms.some(
          ({ Namespace, MetricName, Dimensions = [] }) =>
            Namespace === metric.namespace &&
            MetricName === metric.name &&
            Dimensions.length === Object.keys(metric.dimensions).length &&
            Dimensions.every(({ Name, Value }) => metric.dimensions[Name] === Value),
        ),
      )
      .map(({ name, value }) => [name, value]),
  );

const filteredMetrics = ([group, line]: LogLine): Record<string, number> =>
  Object.fromEntries(
    filters
      .filter(({ LogGroupName }) => LogGroupName.Ref.startsWith(group))
      .flatMap(({ FilterPattern, MetricTransformations: [{ MetricName, MetricValue }] }) => {
        const value = metricValue(FilterPattern, MetricValue, line);
        return value === null ? [] : [[MetricName, value] as const];
      }),
  );

test.each<[string, LogLine, Record<string, number>]>([
  [
    'a COMPLETE run',
    ended(),
    {
      RunFailed: 0,
      RunTimedOut: 0,
      Undelivered: 0,
      RunSucceeded: 1,
      AccountsAuditedPercent: 100,
      PrincipalsAuditedPercent: 100,
    },
  ],
  [
    'a PARTIAL run, with the percentages that it audited',
    ended({ status: 'PARTIAL', accountsAuditedPercent: 60, principalsAuditedPercent: 91.5 }),
    {
      RunFailed: 0,
      RunTimedOut: 0,
      Undelivered: 0,
      RunSucceeded: 1,
      AccountsAuditedPercent: 60,
      PrincipalsAuditedPercent: 91.5,
    },
  ],
  ['a run of some principals', ended({ wholeScope: false }), {}],
  [
    'a run that could not audit any account (its failed execution has the other metric)',
    ended({ status: 'FAILED', accountsAuditedPercent: 0 }),
    { RunTimedOut: 0, Undelivered: 0 },
  ],
  ['an execution that failed', failedRun, { RunFailed: 1 }],
  ['an execution that timed out', execution('ExecutionTimedOut'), { RunTimedOut: 1 }],
  ['a refused start', refusedStart, {}],
  ['an execution that a person stopped', execution('ExecutionAborted'), {}],
  ['an account’s own execution', execution('ExecutionFailed', '/Accounts:4f0b1c2d'), {}],
  ['a state of a run', execution('TaskFailed'), {}],
  ['a message that was not delivered', state('MessageNotDelivered'), { Undelivered: 1 }],
  ['events that were not published', state('EventsNotDelivered'), { Undelivered: 1 }],
  ['another state', state('BatchFailed'), {}],
  ['another line of the log', ['Functionssummariserun', 'START RequestId: 1'], {}],
])('%s gives the right metrics', (_name, line, expected) => {
  expect(metricsOf(line)).toEqual(expected);
});

/** Alarms in state ALARM after these lines, which are minutes apart. With missing data an alarm keeps its state. */
function alarmsAfter(lines: readonly LogLine[]): string[] {
  const on = new Set<string>();
  for (const line of lines) {
    const metrics = metricsOf(line);
    for (const { MetricName, ComparisonOperator, Threshold } of alarms) {
      const value = metrics[MetricName];
      if (value === undefined) continue;
      const breaches = ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold;
      if (breaches) on.add(MetricName);
      else on.delete(MetricName);
    }
  }
  return [...on].sort();
}

const lossy = ended({ status: 'PARTIAL', accountsAuditedPercent: 60 });

test.each<[string, LogLine[], string[]]>([
  ['a failed run raises "run failed"', [ended(), failedRun], ['RunFailed']],
  ['"run failed" stays in ALARM after a refused start', [failedRun, refusedStart], ['RunFailed']],
  ['a run of one account does not end "run failed"', [failedRun, ended({ wholeScope: false })], ['RunFailed']],
  [
    'the next run of all accounts and principals that does not fail ends "run failed"',
    [failedRun, ended({ status: 'PARTIAL' })],
    [],
  ],
  ['a run that timed out raises "run timed out"', [execution('ExecutionTimedOut'), refusedStart], ['RunTimedOut']],
  ['the next run that ends also ends "run timed out"', [execution('ExecutionTimedOut'), ended()], []],
  ['a run that did not audit all accounts raises "accounts not audited"', [lossy], ['AccountsAuditedPercent']],
  [
    'a run of one account does not end "accounts not audited"',
    [lossy, ended({ wholeScope: false })],
    ['AccountsAuditedPercent'],
  ],
  ['a COMPLETE run ends "accounts not audited"', [lossy, ended()], []],
  [
    'a message that was not delivered raises an alarm',
    [ended(), state('MessageNotDelivered'), failedRun, ended({ wholeScope: false })],
    ['RunFailed', 'Undelivered'],
  ],
  ['the end of the next run ends it', [state('EventsNotDelivered'), ended()], []],
  ['no alarm if 5 % of the principals have no complete evidence', [ended({ principalsAuditedPercent: 95 })], []],
  [
    '"principals not audited" if more than 5 % have none',
    [ended({ principalsAuditedPercent: 94.99 })],
    ['PrincipalsAuditedPercent'],
  ],
])('%s', (_name, lines, on) => {
  expect(alarmsAfter(lines)).toEqual(on);
});

test.each<[string, Figures[], string[]]>([
  ['one PARTIAL run does not raise "partial twice in a row"', [{ runsSinceComplete: 1 }], []],
  ['two in a row do', [{ runsSinceComplete: 1 }, { runsSinceComplete: 2 }], ['RunsSinceComplete']],
  ['a third one keeps it', [{ runsSinceComplete: 2 }, { runsSinceComplete: 3 }], ['RunsSinceComplete']],
  ['a COMPLETE run ends it', [{ runsSinceComplete: 2 }, { runsSinceComplete: 0 }], []],
  ['5 % throttled calls raise "many calls throttled"', [{ throttledPercent: 5 }], ['ThrottledPercent']],
  ['4.99 % do not', [{ throttledPercent: 4.99 }], []],
  ['a run that takes too long for its window raises an alarm', [{ windowExceeded: 1 }], ['SpreadWindowExceeded']],
  [
    'a damaged object raises an alarm, which the end of the run does not end',
    [{ damagedObjects: 0 }, { damagedObjects: 1 }, { calls: 5, runsSinceComplete: 0 }],
    ['DamagedObjects'],
  ],
  ['the next run starts without it', [{ damagedObjects: 1 }, { damagedObjects: 0 }], []],
])('%s', async (_name, published, on) => {
  expect(alarmsAfter(await Promise.all(published.map(figures)))).toEqual(on);
});
