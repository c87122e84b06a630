import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { DEFAULT_STACK, stackResources, type Operator, type Settings } from './deployment.ts';
import { DeploymentChecks, figuresOf, parseRun, resourcesOf, succeeded } from './deployment-checks.ts';
import { HUB, MEMBER, type EmulatedCloud } from './emulated-cloud.ts';
import { expect, expectEqual, type Steps } from './steps.ts';

export interface ScenarioOptions {
  readonly steps: Steps;
  readonly cloud: EmulatedCloud;
  readonly operator: Operator;
}

const SECOND_STACK = 'SecondAudit';

const first: Settings = {};
const updated: Settings = { accountIds: [HUB, MEMBER], memberRoleName: AUDIT_ROLE, unusedAfterDays: 45 };
const second: Settings = { stackName: SECOND_STACK };

/** From the bootstrap to the last `cdk destroy`: every step asserts what an operator relies on. */
export async function runScenario({ steps, cloud, operator }: ScenarioOptions): Promise<void> {
  const checks = new DeploymentChecks(cloud, operator);
  const step = (name: string, work: () => Promise<string>): Promise<void> => steps.step(name, work);

  await step('cdk bootstrap', async () => {
    await operator.bootstrap();
    return resourcesOf(await stackResources(cloud.cloudFormation, 'CDKToolkit'));
  });
  await step('cdk deploy', () => checks.deploy(first));
  let runId = '';
  await step('start --wait', async () => {
    const run = await checks.completeRun(DEFAULT_STACK, [HUB]);
    runId = run.runId;
    return figuresOf(run);
  });
  await step('status', () => checks.status(runId));
  await step('report --format json', async () => {
    const run = parseRun(succeeded('report', await operator.iamAudit('report', '--format', 'json')));
    expectEqual('the run of the report', [run.runId, run.status], [runId, 'COMPLETE']);
    return `run ${runId}`;
  });
  await step('requests of the functions against their policies', () => checks.checkRequests(first));

  await step('cdk deploy with other settings', () => checks.update(first, updated));
  await step('start --wait uses the new settings', async () => {
    const run = await checks.completeRun(DEFAULT_STACK, [HUB, MEMBER]);
    expect(run.runId !== runId, 'The run has the ID of the run before.');
    runId = run.runId;
    return figuresOf(run);
  });
  await step('requests of the functions against their new policies', () => checks.checkRequests(updated));

  await step('cdk deploy of a second stack', () => checks.deploy(second));
  await step('start asks which of the two stacks', async () => {
    const refused = await operator.iamAudit('start');
    expect(refused.code === 1, `start ended with ${refused.code}, and not with 1.`);
    for (const name of [DEFAULT_STACK, SECOND_STACK, '--stack']) {
      expect(refused.stderr.includes(name), `start does not name ${name}: ${refused.stderr}`);
    }
    return 'both are named';
  });
  let secondRunId = '';
  await step(`start --wait --stack ${SECOND_STACK}`, async () => {
    const run = await checks.completeRun(SECOND_STACK, [HUB], '--stack', SECOND_STACK);
    secondRunId = run.runId;
    return figuresOf(run);
  });
  await step('status of each stack', async () => {
    await checks.status(runId, '--stack', DEFAULT_STACK);
    return await checks.status(secondRunId, '--stack', SECOND_STACK);
  });
  await step('requests of the second stack’s functions', () => checks.checkRequests(second));

  await step('cdk destroy', () => checks.destroy(updated, runId));
  await step('status finds the stack that is left', () => checks.status(secondRunId));
  await step('start --wait finds the stack that is left', async () => {
    const run = await checks.completeRun(SECOND_STACK, [HUB]);
    secondRunId = run.runId;
    return figuresOf(run);
  });
  await step('cdk destroy of the second stack', () => checks.destroy(second, secondRunId));
  await step('status finds no stack', async () => {
    const refused = await operator.iamAudit('status');
    expect(refused.code === 1, `status ended with ${refused.code}, and not with 1.`);
    expect(refused.stderr.includes('No stack of iam-audit'), `status does not say why: ${refused.stderr}`);
    return 'it says so';
  });
}
