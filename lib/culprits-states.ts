import { Duration } from 'aws-cdk-lib/core';
import {
  Choice,
  Condition,
  IntegrationPattern,
  Wait,
  WaitTime,
  type IChainable,
  type TaskStateBase,
} from 'aws-cdk-lib/aws-stepfunctions';
import { AthenaGetQueryResults, AthenaStartQueryExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { ANALYSIS } from '../core/doctor/athena-statements.ts';
import type { DoctorQueries } from './doctor-queries.ts';
import { queryFailure, type FunctionTask } from './function-tasks.ts';
import { queryRetry } from './workflow-retries.ts';

/** CloudTrail delivers most logs within 5 minutes of a call, and few later than 15. */
const DELIVERY = Duration.minutes(20);

/**
 * Rows of the answer with its names of columns: those of six limits at least. A row has up to about 1,500 bytes, so the
 * answer fits the 256 KiB of a payload.
 */
const MOST_ROWS = 121;

export interface CulpritsStatesProps {
  readonly task: FunctionTask;
  readonly doctor: DoctorQueries;
  /** The state after the report is complete. */
  readonly next: IChainable;
}

/**
 * Asks Athena who used the rate up while many calls of the run were throttled; the chain is at the end. The input and
 * the variable `summary` are the output of SummariseRun. An error is caught and recorded, and does not change the status of the run.
 */
export function culpritsStates(scope: Construct, { task, doctor, next }: CulpritsStatesProps): Choice {
  const nameCulprits = task('NameCulprits', 'name-culprits', {
    payload: {
      runId: '{% $summary.runId %}',
      throttled: '{% $summary.throttled %}',
      answer: '{% $states.input %}',
      scannedBytes: '{% [$scannedBytes] %}',
    },
    assign: { addition: '{% $states.result.Payload.addition %}' },
  });
  nameCulprits.addCatch(next, { errors: ['States.ALL'], outputs: {} });

  const withRules = <State extends TaskStateBase>(state: State): State => {
    state.addRetry(queryRetry);
    // States.ALL does not include an answer that is larger than a payload may be.
    for (const error of ['States.DataLimitExceeded', 'States.ALL']) {
      state.addCatch(nameCulprits, { errors: [error], outputs: { error: queryFailure } });
    }
    return state;
  };
  const query = (id: string, statement: keyof DoctorQueries['statements'], parameters?: string[]) =>
    withRules(
      AthenaStartQueryExecution.jsonata(scope, id, {
        integrationPattern: IntegrationPattern.RUN_JOB,
        queryString: `{% $replace($statements.${statement}, '${ANALYSIS}', $summary.throttled.analysis) %}`,
        workGroup: doctor.workgroupName,
        ...(parameters === undefined ? {} : { executionParameters: parameters }),
        assign: {
          scannedBytes: '{% [$append($scannedBytes, $states.result.QueryExecution.Statistics.DataScannedInBytes)] %}',
        },
        outputs: { execution: '{% $states.result.QueryExecution.QueryExecutionId %}' },
      }),
    );

  const waitForLogs = Wait.jsonata(scope, 'WaitForLogs', {
    time: WaitTime.duration(DELIVERY),
    comment: 'CloudTrail delivers its logs some minutes after the calls.',
    assign: { statements: doctor.statements, scannedBytes: [] },
  });
  const collectCalls = query(
    'CollectCalls',
    'collect',
    [0, 1, 2, 3].map((place) => `{% $summary.throttled.parameters[${place}] %}`),
  );
  const askCallers = query('AskCallers', 'callers');
  const readCallers = withRules(
    AthenaGetQueryResults.jsonata(scope, 'ReadCallers', {
      queryExecutionId: '{% $states.input.execution %}',
      maxResults: MOST_ROWS,
      outputs: {
        resultSet: '{% $states.result.ResultSet %}',
        isPart: '{% $exists($states.result.NextToken) %}',
      },
    }),
  );

  const manyThrottled = Choice.jsonata(scope, 'ManyThrottled')
    .when(Condition.jsonata('{% $states.input.throttled != null %}'), waitForLogs)
    .otherwise(next);
  waitForLogs.next(collectCalls).next(askCallers).next(readCallers).next(nameCulprits).next(next);
  return manyThrottled;
}
