import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import type { HandlerName } from '../core/contract/environment.ts';
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
  (scope: Construct, functions: Readonly<Record<HandlerName, IFunction>>): FunctionTask =>
  (id, handler, { payload, ...options }) => {
    const task = LambdaInvoke.jsonata(scope, id, {
      lambdaFunction: functions[handler],
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
 * The error of a state as the contract's `FailureCause`. Lambda's cause is JSON that may be truncated, so the message is
 * cut out of its text. It is short, because the results of 500 batches must fit the 256 KiB of a payload.
 */
export const failureCause = {
  code: '{% $states.errorOutput.Error %}',
  message:
    '{% $substring($substringBefore($substringAfter($string($states.errorOutput.Cause), \'"errorMessage":"\'), \'","\'), 0, 200) %}',
};
