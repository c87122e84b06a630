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
const updated: Settings = {
  accountIds: [HUB, MEMBER],
  memberRoleName: AUDIT_ROLE,
  unusedAfterDays: 45,
  notify: 'always',
};
const second: Settings = { stackName: SECOND_STACK };

/** From the bootstrap to the last `cdk destroy`: every step asserts what an operator relies on. */
export async function runScenario({ steps, cloud, operator }: ScenarioOptions): Promise<void> {
  const checks = new DeploymentChecks(cloud, operator);

  await steps.check('cdk bootstrap', async () => {
    await operator.bootstrap();
    return resourcesOf(await stackResources(cloud.cloudFormation, 'CDKToolkit'));
  });
  await steps.check('cdk deploy', () => checks.deploy(first));
  const firstRun = await steps.step('start --wait', () => checks.completeRun(DEFAULT_STACK, [HUB]), figuresOf);
  await steps.check('status', () => checks.status(firstRun.runId));
  await steps.check('report --format json', async () => {
    const run = parseRun(succeeded('report', await operator.iamAudit('report', '--format', 'json')));
    expectEqual('the run of the report', [run.runId, run.status], [firstRun.runId, 'COMPLETE']);
    return `run ${run.runId}`;
  });
  await steps.check('requests of the functions against their policies', () => checks.checkRequests(first));

  await steps.check('cdk deploy with other settings', () => checks.update(first, updated));
  const { runId } = await steps.step(
    'start --wait with the new settings',
    () => checks.completeRun(DEFAULT_STACK, [HUB, MEMBER]),
    figuresOf,
  );
  await steps.check('message about the run, as the new settings say', () => checks.published(DEFAULT_STACK));
  await steps.check('requests of the functions against their new policies', () => checks.checkRequests(updated));

  await steps.check('cdk deploy of a second stack', () => checks.deploy(second));
  await steps.check('start asks which of the two stacks', async () => {
    const refused = await operator.iamAudit('start');
    expect(refused.code === 1, `start ended with ${refused.code}, and not with 1.`);
    for (const name of [DEFAULT_STACK, SECOND_STACK, '--stack']) {
      expect(refused.stderr.includes(name), `start does not name ${name}: ${refused.stderr}`);
    }
    return 'both are named';
  });
  const secondRun = await steps.step(
    `start --wait --stack ${SECOND_STACK}`,
    () => checks.completeRun(SECOND_STACK, [HUB], '--stack', SECOND_STACK),
    figuresOf,
  );
  await steps.check('status of each stack', async () => {
    await checks.status(runId, '--stack', DEFAULT_STACK);
    return await checks.status(secondRun.runId, '--stack', SECOND_STACK);
  });
  await steps.check('requests of the second stack’s functions', () => checks.checkRequests(second));

  await steps.check('cdk destroy', () => checks.destroy(updated, runId));
  await steps.check('status finds the stack that is left', () => checks.status(secondRun.runId));
  const lastRun = await steps.step(
    'start --wait finds the stack that is left',
    () => checks.completeRun(SECOND_STACK, [HUB]),
    figuresOf,
  );
  await steps.check('requests since the last check', () => checks.checkRequests(second));
  await steps.check('cdk destroy of the second stack', () => checks.destroy(second, lastRun.runId));
  await steps.check('status finds no stack', async () => {
    const refused = await operator.iamAudit('status');
    expect(refused.code === 1, `status ended with ${refused.code}, and not with 1.`);
    expect(refused.stderr.includes('No stack of iam-audit'), `status does not say why: ${refused.stderr}`);
    return 'it says so';
  });

  const adopting: Settings = { ...updated, resultsBucketName: checks.bucketOf(DEFAULT_STACK) };
  await steps.check('cdk deploy with the bucket that was kept', () => checks.deploy(adopting));
  await steps.check('status shows the run from before', () => checks.status(runId));
  const adoptedRun = await steps.step(
    'start --wait carries evidence from before',
    async () => {
      const run = await checks.completeRun(DEFAULT_STACK, [HUB, MEMBER]);
      expect(run.principals.carriedForward > 0, 'No principal was carried from the run before.');
      return run;
    },
    figuresOf,
  );
  await steps.check('requests to the bucket that was kept', () => checks.checkRequests(adopting));
  await steps.check('cdk destroy, with the bucket kept again', () => checks.destroy(adopting, adoptedRun.runId));
}
