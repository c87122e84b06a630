import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { startControlPlane, type ControlPlane } from '../../../local/emulated-aws/control-plane.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:IamAudit';
const START = Date.parse('2026-11-23T04:00:00Z');

let plane: ControlPlane;
let now = START;
let client: SFNClient;
let cloudFormation: CloudFormationClient;

beforeEach(async () => {
  now = START;
  plane = await startControlPlane({
    stacks: [{ name: 'IamAudit', description: 'd', outputs: {} }],
    stateMachineArn: MACHINE,
    definition: '{}',
    now: () => now,
    run: () => {
      now += 60_000;
      return Promise.resolve({ transitions: 1, status: 'SUCCEEDED', output: { runId: 'x' } });
    },
    accounts: () => ({ total: 3, running: 0, succeeded: 2, failed: 1 }),
  });
  const configuration = {
    region: 'eu-west-1',
    endpoint: plane.url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  client = new SFNClient(configuration);
  cloudFormation = new CloudFormationClient(configuration);
});
afterEach(async () => {
  client.destroy();
  cloudFormation.destroy();
  await plane.close();
});

test('an execution that ended has its machine, its input and its end', async () => {
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: MACHINE, name: 'one', input: '{"full":true}' }),
  );
  await plane.settled();
  const summary = {
    ...{ executionArn, stateMachineArn: MACHINE, name: 'one', status: 'SUCCEEDED' },
    ...{ startDate: new Date(START), stopDate: new Date(START + 60_000) },
  };
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    ...summary,
    ...{ input: '{"full":true}', output: '{"runId":"x"}' },
  });
  const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: MACHINE }));
  expect(executions).toEqual([summary]);
});

test('a map run has its execution, its state machine and its tolerance', async () => {
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn: MACHINE }));
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const [{ mapRunArn } = {}] = mapRuns;
  expect(mapRuns).toEqual([{ executionArn, mapRunArn, stateMachineArn: MACHINE, startDate: new Date(START) }]);
  expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    ...{ mapRunArn, executionArn, toleratedFailurePercentage: 100, toleratedFailureCount: 0 },
    itemCounts: { total: 3, failed: 1 },
  });
});

const other = MACHINE.replace('IamAudit', 'Other');
test.each([
  ['InvalidExecutionInput', new StartExecutionCommand({ stateMachineArn: MACHINE, input: '{' })],
  ['InvalidName', new StartExecutionCommand({ stateMachineArn: MACHINE, name: 'a b' })],
  ['InvalidName', new StartExecutionCommand({ stateMachineArn: MACHINE, name: 'a'.repeat(81) })],
  ['StateMachineDoesNotExist', new StartExecutionCommand({ stateMachineArn: other })],
])('%s', async (name, command) => {
  await expect(client.send(command)).rejects.toMatchObject({ name });
});

test('executions of another state machine, and an unknown map run, do not exist', async () => {
  await expect(client.send(new ListExecutionsCommand({ stateMachineArn: other }))).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  });
  await expect(client.send(new DescribeMapRunCommand({ mapRunArn: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFound',
  });
});

test('a stack has the time of its creation', async () => {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}));
  expect(Stacks?.map(({ CreationTime }) => CreationTime)).toEqual([new Date(START)]);
});
