import { Choice, Condition, Pass, type IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { failureCause, type FunctionTask } from './function-tasks.ts';
import { undeliveredStates } from './message-states.ts';
import { importRetry } from './workflow-retries.ts';

export interface ImportStatesProps {
  readonly task: FunctionTask;
  /** The states that tell about the run. */
  readonly next: IChainable;
}

/** Variables that SummariseRun assigns for these states. */
export const importVariables = { importProgress: null, importProblem: null };

/**
 * Imports the findings of a run into Security Hub; the chain is at the end. ImportFindings is repeated until all findings are
 * done. The variable `summary` is the output of SummariseRun. The run has ended and its results are stored, so an error does
 * not change its status: it is in the output of the execution and in the message.
 */
export function importStates(scope: Construct, { task, next }: ImportStatesProps): LambdaInvoke {
  const findingsNotDelivered = Pass.jsonata(scope, undeliveredStates.findings, {
    comment: 'The log of this state raises the alarm "message not delivered".',
    assign: {
      undelivered: '{% [$undelivered, $importProblem] %}',
      addition:
        "{% $addition & '\\n\\nNot all findings of this run were imported into Security Hub: ' & $importProblem.code %}",
    },
    outputs: {},
  });
  const importFindings = task('ImportFindings', 'import-findings', {
    payload: {
      runId: '{% $summary.runId %}',
      // The account of the execution: arn:aws:states:REGION:ACCOUNT:execution:…
      accountId: "{% $split($states.context.Execution.Id, ':')[4] %}",
      progress: '{% $importProgress %}',
    },
    assign: {
      importProgress: '{% $states.result.Payload.progress %}',
      importProblem: '{% $states.result.Payload.problem %}',
      addition: '{% $addition & $states.result.Payload.addition %}',
    },
    outputs: {},
  });
  importFindings.addRetry(importRetry);
  importFindings.addCatch(findingsNotDelivered, {
    errors: ['States.ALL'],
    outputs: {},
    assign: { importProblem: failureCause },
  });
  const moreFindings = Choice.jsonata(scope, 'MoreFindings')
    .when(Condition.jsonata('{% $importProgress != null %}'), importFindings)
    .when(Condition.jsonata('{% $importProblem != null %}'), findingsNotDelivered)
    .otherwise(next);
  importFindings.next(moreFindings);
  findingsNotDelivered.next(next);
  return importFindings;
}
