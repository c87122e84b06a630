import { CloudFormationClient, StackStatus } from '@aws-sdk/client-cloudformation';
import { SFNClient } from '@aws-sdk/client-sfn';
import { findDeployment } from '../../aws/deployment.ts';
import { startControlPlane, type ControlPlane, type EmulatedStack } from '../../local/emulated-aws/control-plane.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:IamAudit';
const description = 'Audits IAM users and roles every day (iam-audit).';
const outputs = { StateMachineArn: MACHINE, ResultsBucketName: 'results' };

let plane: ControlPlane | null = null;
afterEach(async () => {
  await plane?.close();
  plane = null;
});

async function find(stacks: EmulatedStack[], stack?: string): Promise<unknown> {
  plane = await startControlPlane({
    stacks,
    stateMachineArn: MACHINE,
    definition: '{}',
    now: () => 0,
    run: () => Promise.reject(new Error('Nothing runs here.')),
    accounts: () => ({ total: 0, running: 0, succeeded: 0, failed: 0 }),
  });
  const configuration = {
    region: 'eu-west-1',
    endpoint: plane.url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const clients = { sfn: new SFNClient(configuration), cloudFormation: new CloudFormationClient(configuration) };
  return findDeployment(clients, { stack });
}

const usable = [
  'CREATE_COMPLETE',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'IMPORT_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_COMPLETE',
  'IMPORT_ROLLBACK_FAILED',
];

test.each([...Object.values(StackStatus), 'A_STATUS_OF_TOMORROW'])('a stack in %s', async (status) => {
  const stacks = [{ name: 'IamAudit', description, outputs, status }];
  if (usable.includes(status) || status === 'A_STATUS_OF_TOMORROW') {
    expect(await find(stacks)).toEqual({ stateMachineArn: MACHINE, bucket: 'results', doctorWorkgroup: null });
    return;
  }
  await expect(find(stacks)).rejects.toThrow(`Ignored: IamAudit (${status}: it`);
  await plane?.close();
  await expect(find(stacks, 'IamAudit')).rejects.toThrow(`The stack IamAudit can't be used (${status}: it`);
});

test('a stack of iam-audit without its outputs is ignored', async () => {
  const stacks = [{ name: 'IamAudit', description, outputs: { StateMachineArn: MACHINE } }];
  await expect(find(stacks)).rejects.toThrow('it has no outputs StateMachineArn and ResultsBucketName');
});
