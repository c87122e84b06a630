import { ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { StepFunctionsExecutions } from '../../aws/step-functions-executions.ts';
import { AwsFault } from '../../core/ports/aws-fault.ts';

const executions = (answer: () => Promise<object>): StepFunctionsExecutions =>
  new StepFunctionsExecutions({ send: answer } as unknown as SFNClient);

test.each([
  ['RUNNING', true],
  ['PENDING_REDRIVE', true],
  ['SUCCEEDED', false],
  ['FAILED', false],
  ['TIMED_OUT', false],
  ['ABORTED', false],
])('an execution with status %s is running: %s', async (status, expected) => {
  expect(await executions(() => Promise.resolve({ status })).isRunning('arn')).toBe(expected);
});

test('an execution that Step Functions has forgotten does not run', async () => {
  const forgotten = new ExecutionDoesNotExist({ message: 'gone', $metadata: {} });
  expect(await executions(() => Promise.reject(forgotten)).isRunning('arn')).toBe(false);
});

test('another error does not count as an end: the claim would be taken over', async () => {
  const denied = Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
  await expect(executions(() => Promise.reject(denied)).isRunning('arn')).rejects.toThrow(AwsFault);
});
