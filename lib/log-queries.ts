import { CfnQueryDefinition, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logEvents } from '../core/contract/operations/log-lines.ts';
import { figureMetrics } from '../core/contract/operations/run-metrics.ts';
import type { AlarmName } from './alarm-texts.ts';
import { alarmTexts } from './alarm-texts.ts';

interface LogQuery {
  /** The logs of all functions, or the log of the workflow's executions. */
  readonly logs: 'functions' | 'workflow';
  readonly lines: readonly string[];
}

const ended = (handler: string): string => `event = "${logEvents.ended}" and function = "${handler}"`;
const [throttledCalls] = figureMetrics.throttledCalls;

/** A query of CloudWatch Logs Insights for the runbook's section of each alarm. Tests run them on logged lines. */
export const logQueries: Readonly<Record<AlarmName, LogQuery>> = {
  failed: {
    logs: 'functions',
    lines: [
      'fields @timestamp, function, run, account, batch, error_name, error_message',
      `filter event = "${logEvents.failed}"`,
      'sort @timestamp desc',
      'limit 50',
    ],
  },
  timedOut: {
    logs: 'functions',
    lines: [
      `filter ${ended('audit-batch')}`,
      'stats max(attempt) as attempts, sum(duration_ms) as worked_ms by run, account, batch',
      'sort attempts desc',
      'limit 20',
    ],
  },
  accounts: {
    logs: 'functions',
    lines: [
      'fields @timestamp, run, account, event, status, message',
      `filter function = "summarise-account" and (event = "${logEvents.warning}" or status = "FAILED")`,
      'sort @timestamp desc',
      'limit 100',
    ],
  },
  principals: {
    logs: 'functions',
    lines: [`filter ${ended('summarise-account')}`, 'stats count(*) as accounts by run, status', 'sort run desc'],
  },
  partial: {
    logs: 'functions',
    lines: [
      'fields @timestamp, run, status, wholeScope, accountsAuditedPercent, principalsAuditedPercent',
      'filter event = "RunEnded"',
      'sort @timestamp desc',
      'limit 30',
    ],
  },
  missed: {
    logs: 'functions',
    lines: [
      'fields @timestamp, run, decision, duration_ms',
      `filter ${ended('plan-run')}`,
      'sort @timestamp desc',
      'limit 30',
    ],
  },
  notStarted: {
    logs: 'workflow',
    lines: [
      'fields @timestamp, type, execution_arn',
      'filter type like "Execution" and execution_arn not like "/Accounts:"',
      'sort @timestamp desc',
      'limit 50',
    ],
  },
  throttled: {
    logs: 'functions',
    lines: [
      `fields @timestamp, ${(['calls', 'throttledCalls', 'throttledPercent', 'secondsPaced'] as const).map((name) => figureMetrics[name][0]).join(', ')}`,
      `filter ispresent(${throttledCalls})`,
      'sort @timestamp desc',
      'limit 30',
    ],
  },
  window: {
    logs: 'functions',
    lines: [
      `filter ${ended('audit-batch')}`,
      'stats min(@timestamp) as first_batch, max(@timestamp) as last_batch, count(*) as attempts by run, account',
      'sort last_batch desc',
      'limit 50',
    ],
  },
  undelivered: {
    logs: 'workflow',
    lines: [
      'fields @timestamp, type, details.name, execution_arn',
      'filter type = "PassStateEntered" and details.name like "NotDelivered"',
      'sort @timestamp desc',
      'limit 20',
    ],
  },
  damaged: {
    logs: 'functions',
    lines: [
      'fields @timestamp, run, account, function, object, reason',
      `filter event = "${logEvents.damaged}"`,
      'sort @timestamp desc',
      'limit 50',
    ],
  },
};

export const queryText = ({ lines }: LogQuery): string => lines.join('\n| ');

export interface LogQueriesProps {
  readonly stackName: string;
  readonly functions: readonly ILogGroup[];
  readonly workflow: ILogGroup;
}

/** The queries as saved queries, in a folder with the stack's name. They cost nothing until somebody runs them. */
export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { stackName, functions, workflow }: LogQueriesProps) {
    super(scope, id);
    for (const name of alarmNames) {
      const query = logQueries[name];
      new CfnQueryDefinition(this, name, {
        name: `${stackName}/${alarmTexts[name].section}`,
        queryString: queryText(query),
        logGroupNames: (query.logs === 'functions' ? functions : [workflow]).map(({ logGroupName }) => logGroupName),
      });
    }
  }
}

const alarmNames = Object.keys(logQueries).filter((name): name is AlarmName => name in logQueries);
