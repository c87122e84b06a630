import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { handlerNames, environmentNames, type HandlerName } from '../../core/contract/environment.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { DeployedWorkflow } from '../../local/deployed/deployed-workflow.ts';
import { deployedFunctions, type DeployedFunction } from '../../local/deployed/deployed-functions.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { systemClock } from '../../local/system-clock.ts';
import { ACCOUNT_LIST, BUCKET, EnforcedDeployment } from '../support/enforced-deployment.ts';
import { parsedLines } from '../support/function-lines.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(120_000);

const HUB = '111122223333';
const MEMBER = '111122223334';

let folder = '';
let functions: ReadonlyMap<HandlerName, DeployedFunction>;
beforeAll(() => {
  folder = temporaryFolder('bundles');
  functions = deployedFunctions(join(folder, 'first'));
});

test('each bundle is below 660 KB, with the evaluation of policies below 730 KB, with the rules below 1.1 MB, with the report’s page below 1.45 MB', () => {
  const most = (name: string): number =>
    /^(summarise-run|name-culprits)$/.test(name)
      ? 1_450_000
      : /^(summarise-account|import-findings)$/.test(name)
        ? 1_100_000
        : /^(plan-run|inventory-account)$/.test(name)
          ? 730_000
          : 660_000;
  for (const { name, bundleBytes } of functions.values()) {
    expect([name, bundleBytes < most(name)]).toEqual([name, true]);
  }
});

test('each bundle has its source map', async () => {
  for (const { folder: asset } of functions.values()) {
    expect((await readdir(asset)).sort()).toEqual(['index.mjs', 'index.mjs.map']);
  }
});

test('the same sources give the same assets', async () => {
  const hashes = async (of: ReadonlyMap<HandlerName, DeployedFunction>): Promise<string[]> =>
    Promise.all(
      [...of.values()].map(async ({ folder: asset }) =>
        createHash('sha256')
          .update(await readFile(join(asset, 'index.mjs')))
          .digest('hex'),
      ),
    );
  const again = deployedFunctions(join(folder, 'second'));
  const assets = (of: ReadonlyMap<HandlerName, DeployedFunction>): string[] =>
    [...of.values()].map(({ folder: asset }) => asset.split('/').at(-1)!);
  expect(assets(again)).toEqual(assets(functions));
  expect(await hashes(again)).toEqual(await hashes(functions));
});

describe('an audit of two accounts with the deployed bundles, each function with the permissions of its own role', () => {
  let deployment: EnforcedDeployment;
  let workflow: DeployedWorkflow;
  let ofOrganization: DeployedWorkflow;
  const denied: Record<string, string[]> = {};

  beforeAll(async () => {
    const now = systemClock.now();
    const accounts = [HUB, MEMBER].map((accountId, n) => {
      const account = generateAccount({ seed: n, accountId, users: 2, roles: 3, now });
      addAuditRole(account, HUB, now);
      // Service control policies of the root and of the account. They do not affect the management account.
      if (accountId !== HUB) account.serviceControlPolicies = [[policy(allow('*'))], [policy(allow('*'))]];
      // Also sts:SetSourceIdentity and sts:TagSession.
      account.roles.get(AUDIT_ROLE)!.trustPolicy = trust({ AWS: `arn:aws:iam::${HUB}:root` }, undefined, 'sts:*');
      return account;
    });
    deployment = await EnforcedDeployment.start({ functions, hub: HUB, accounts, denied });
    await deployment.store.write(ACCOUNT_LIST, JSON.stringify([HUB, MEMBER]));
    // cdk deploy uploads the list, not the audit.
    deployment.billed = 0;
    const withMemberRole = {
      [environmentNames.memberRoleName]: AUDIT_ROLE,
      [environmentNames.stsRegion]: 'eu-west-1',
      [environmentNames.sourceIdentity]: 'iam-audit',
      [environmentNames.sessionTags]: JSON.stringify({ team: 'security' }),
    };
    workflow = deployment.workflowWith({
      ...withMemberRole,
      [environmentNames.accounts]: 'listed',
      [environmentNames.accountList]: `s3://${BUCKET}/${ACCOUNT_LIST}`,
    });
    ofOrganization = deployment.workflowWith({ ...withMemberRole, [environmentNames.accounts]: 'organization' });
  });
  afterAll(() => deployment.stop());

  const runOf = async (runId: string): Promise<RunSummary> =>
    JSON.parse((await deployment.store.read(objects.run(runId)))!.text) as RunSummary;

  test('one account is denied and the other is COMPLETE; after a resumed run both are', async () => {
    denied[MEMBER] = ['iam:GetAccountAuthorizationDetails'];
    const first = await workflow.run('first', {});
    const firstBill = deployment.billed;
    expect(deployment.refused).toEqual([]);
    expect(first).toMatchObject({ status: 'SUCCEEDED', output: expect.anything() as unknown });
    const partial = await runOf(first.runId);
    expect(partial).toMatchObject({ status: 'PARTIAL', principals: { total: 6, complete: 6 } });
    expect(partial.accounts).toMatchObject([
      { accountId: HUB, status: 'COMPLETE' },
      { accountId: MEMBER, status: 'FAILED', error: { code: 'AccessDenied' } },
    ]);

    // Exact to half of one PUT: no request is missing, none is counted twice.
    expect(Math.abs(partial.cost.s3 - firstBill)).toBeLessThan(2.5e-6);

    denied[MEMBER] = [];
    deployment.billed = 0;
    const second = await workflow.run('second', { resume: first.runId });
    const secondBill = deployment.billed;
    expect(Math.abs((await runOf(second.runId)).cost.s3 - secondBill)).toBeLessThan(2.5e-6);
    expect(deployment.refused).toEqual([]);
    expect(await runOf(second.runId)).toMatchObject({
      status: 'COMPLETE',
      accounts: [{ accountId: MEMBER, status: 'COMPLETE', principals: { total: 6, complete: 6 } }],
    });
    const latest = JSON.parse((await deployment.store.read(objects.latest))!.text) as { runId: string };
    expect(latest.runId).toBe(second.runId);
  });

  test('a run of the organization reads its use of services with the permissions of organization-use', async () => {
    deployment.billed = 0;
    const { runId } = await ofOrganization.run('organization', {});
    const bill = deployment.billed;
    expect(deployment.refused).toEqual([]);
    const run = await runOf(runId);
    expect(run).toMatchObject({ status: 'COMPLETE', organization: { use: { units: 1, accounts: 2, answered: 3 } } });
    expect(run.organization?.use?.problem).toBeUndefined();
    expect(Math.abs(run.cost.s3 - bill)).toBeLessThan(2.5e-6);
    expect(await deployment.store.exists(objects.proposedPolicies(runId, 'r-exam'))).toBe(true);
  });

  test('name-culprits completes a finished run with its own permissions, and counts its requests to S3', async () => {
    const { runId } = JSON.parse((await deployment.store.read(objects.latest))!.text) as { runId: string };
    const before = await runOf(runId);
    deployment.billed = 0;
    const error = { code: 'States.TaskFailed', message: 'no query' };
    const throttled = { from: 0, to: 600, analysis: 'a', parameters: [] };
    await workflow.invoke('name-culprits', { runId, throttled, answer: { error }, scannedBytes: [] });
    const bill = deployment.billed;
    expect(deployment.refused).toEqual([]);
    const after = await runOf(runId);
    expect(after.culprits?.note).toContain('could not be answered: States.TaskFailed: no query');
    expect(Math.abs(after.cost.s3 - before.cost.s3 - bill)).toBeLessThan(2.5e-6);
    expect((await deployment.store.read(objects.report(runId)))?.text).toContain('Who used the rate up');
  });

  test('import-findings imports the findings of its own account with its own permissions, and counts its requests to S3', async () => {
    const { runId } = JSON.parse((await deployment.store.read(objects.latest))!.text) as { runId: string };
    const before = await runOf(runId);
    const lines = (await deployment.store.read(objects.findings(runId)))!.text.trim().split('\n');
    const own = lines
      .map((line) => JSON.parse(line) as { accountId: string })
      .filter(({ accountId }) => accountId === HUB);
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(lines.length);
    deployment.billed = 0;
    const output = await workflow.invoke('import-findings', { runId, accountId: HUB, progress: null });
    const bill = deployment.billed;
    expect(output).toMatchObject({ status: 'FINISHED', progress: null, problem: null });
    expect(deployment.refused).toEqual([]);
    expect(deployment.securityHub.findings.size).toBe(own.length);
    const after = await runOf(runId);
    expect(after.securityHub).toEqual({
      imported: own.length,
      refused: 0,
      ofOtherAccounts: lines.length - own.length,
    });
    expect(Math.abs(after.cost.s3 - before.cost.s3 - bill)).toBeLessThan(2.5e-6);
  });

  test('a wrong input ends with the name of the wrong field', async () => {
    const result = await workflow.run('wrong', { acountIds: [HUB] });
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      output: { status: 'REFUSED', error: { code: 'InvalidInput' } },
    });
    expect(JSON.stringify(result)).toContain('acountIds');
  });

  test('the functions log lines of JSON about each invocation, and none of their credentials', () => {
    const lines = parsedLines(deployment.logged.join(''));
    const functionsOf = (event: string): Set<unknown> =>
      new Set(lines.filter((line) => line.event === event).map((line) => line.function));
    expect(functionsOf('InvocationEnded')).toEqual(new Set(handlerNames));
    expect(functionsOf('RunEnded')).toEqual(new Set(['summarise-run']));
    expect(deployment.secrets.filter((secret) => deployment.logged.join('').includes(secret))).toEqual([]);
    expect(deployment.secrets.length).toBeGreaterThan(10);
    expect(lines.some((line) => typeof line.Calls === 'number' && line._aws !== undefined)).toBe(true);
  });
});
