import type { SFNClient } from '@aws-sdk/client-sfn';
import { AuditExecutions } from '../../aws/audit-executions.ts';

const executions = (answer: object): AuditExecutions =>
  new AuditExecutions({ send: () => Promise.resolve(answer) } as unknown as SFNClient, 'machine');

test.each(['RUNNING', 'PENDING_REDRIVE'])('an execution with status %s is running', async (status) => {
  expect(await executions({ status }).state('arn')).toEqual({ kind: 'running' });
});

test.each(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])('one with status %s has ended', async (status) => {
  expect(await executions({ status, output: '{}' }).state('arn')).toEqual({
    kind: 'ended',
    status,
    error: null,
    cause: null,
    output: '{}',
  });
});

test('accounts that timed out or were aborted count as failed', async () => {
  const mapRuns = [{ mapRunArn: 'map' }];
  const itemCounts = { total: 9, running: 1, succeeded: 2, failed: 1, timedOut: 2, aborted: 3 };
  expect(await executions({ mapRuns, itemCounts }).accounts('arn')).toEqual({
    total: 9,
    running: 1,
    succeeded: 2,
    failed: 6,
  });
  expect(await executions({ mapRuns: [] }).accounts('arn')).toBeNull();
});
