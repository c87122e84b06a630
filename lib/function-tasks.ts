import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { FunctionsByName, HandlerName } from '../core/contract/environment.ts';
import { taskRetries } from './workflow-retries.ts';

export interface FunctionTaskOptions {
  readonly payload: Record<string, unknown>;
  readonly assign?: Record<string, unknown>;
  readonly outputs?: unknown;
}

/** Makes a state that invokes a function, with retries. Its output is the function's result unless `outputs` is set. */
export type FunctionTask = (id: string, handler: HandlerName, options: FunctionTaskOptions) => LambdaInvoke;

/** @param scope the construct that contains the states */
export const functionTasks =
  (scope: Construct, functions: FunctionsByName<IFunction>): FunctionTask =>
  (id, handler, { payload, ...options }) => {
    const lambdaFunction = functions[handler];
    if (lambdaFunction === undefined) throw new Error(`State ${id}: the settings exclude the function ${handler}.`);
    const task = LambdaInvoke.jsonata(scope, id, {
      lambdaFunction,
      payload: TaskInput.fromObject(payload),
      // CDK's own retry has no jitter and does not cover throttled invocations.
      retryOnServiceExceptions: false,
      outputs: '{% $states.result.Payload %}',
      ...options,
    });
    for (const retry of taskRetries) task.addRetry(retry);
    return task;
  };

/**
 * The error of a state as the contract's `FailureCause`. The cause is JSON that may be truncated, so the message is cut
 * out of its text: the value of `field`, or the text itself if it has no such field.
 */
const causeIn = (field: string, mostCharacters: number): { code: string; message: string } => ({
  code: '{% $states.errorOutput.Error %}',
  message: `{% $substring($substringBefore($substringAfter($string($states.errorOutput.Cause), '"${field}":"'), '","'), 0, ${mostCharacters}) %}`,
});

/** For functions. It is short, because the results of 500 batches must fit the 256 KiB of a payload. */
export const failureCause = causeIn('errorMessage', 200);

/** For queries of Athena: the cause is the query's execution. */
export const queryFailure = causeIn('StateChangeReason', 500);
