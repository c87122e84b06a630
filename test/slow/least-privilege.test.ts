import { join } from 'node:path';
import * as v from 'valibot';
import { environmentNames, type HandlerName } from '../../core/contract/environment.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { PaceMemory } from '../../core/pacing/pace-memory.ts';
import { DeployedWorkflow } from '../../local/deployed/deployed-workflow.ts';
import { deployedFunctions } from '../../local/deployed/deployed-functions.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { ServiceError } from '../../local/emulated-aws/service-error.ts';
import { systemClock } from '../../local/system-clock.ts';
import {
  ACCOUNT_LIST,
  BUCKET,
  EnforcedDeployment,
  grants,
  inWords,
  type Grant,
} from '../support/enforced-deployment.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(240_000);

const HUB = '111122223333';
const MEMBER = '111122223334';

/** Permissions that no request of this test needs, each with the reason why a function has it all the same. */
const unused: readonly { readonly is: (grant: Grant) => boolean; readonly reason: string }[] = [
  {
    is: ({ action }) => action === 's3:AbortMultipartUpload',
    reason: 'Only an upload of more than 8 MiB has parts to abort, if it fails. test/aws/s3-store.test.ts aborts one.',
  },
  {
    is: ({ action }) => action.startsWith('logs:') || action.startsWith('xray:'),
    reason: 'Lambda delivers the logs and traces with the role of the function. The code calls neither service.',
  },
  {
    is: ({ permission }) => permission.when === 'vpc',
    reason: 'Lambda attaches the function to the VPC with its role. The code is denied these actions.',
  },
  {
    is: ({ permission }) => permission.when === 'key',
    reason: 'S3 and Lambda use the key for the function. The emulated S3 encrypts nothing.',
  },
  {
    is: ({ name, action }) => name === 'organization-use' && action.startsWith('organizations:'),
    reason:
      'AWS checks these actions when the function asks for a report. The code calls no operation of Organizations.',
  },
];

/** A workflow in which something happens before each invocation of some functions. If it throws, the invocation fails. */
class StagedWorkflow extends DeployedWorkflow {
  readonly before = new Map<HandlerName, (payload: unknown) => Promise<void> | void>();

  override async invoke(handler: HandlerName, payload: unknown): Promise<unknown> {
    await this.before.get(handler)?.(payload);
    return super.invoke(handler, payload);
  }
}

const stopped = (): never => {
  throw Object.assign(new Error('stopped'), { name: 'Lambda.Crash' });
};

let deployment: EnforcedDeployment;
let accounts: EmulatedAccount[];
const denied: Record<string, string[]> = {};
/** An object that functions can't find: an earlier version did not write it. */
let unwritten: RegExp | null = null;
/** An object that S3 refuses to write. */
let refused: RegExp | null = null;

beforeAll(async () => {
  const now = systemClock.now();
  accounts = [HUB, MEMBER].map((accountId, n) => {
    const account = generateAccount({ seed: n, accountId, users: 3, roles: 4, now });
    addAuditRole(account, HUB, now);
    // Service control policies of the root and of the account. They do not affect the management account.
    if (accountId !== HUB) account.serviceControlPolicies = [[policy(allow('*'))], [policy(allow('*'))]];
    account.roles.get(AUDIT_ROLE)!.trustPolicy = trust({ AWS: `arn:aws:iam::${HUB}:root` }, undefined, 'sts:*');
    // They have the same permissions, so only one of them is simulated.
    const twins = [...account.roles.values()].filter(({ name }) => name !== AUDIT_ROLE).slice(0, 2);
    for (const twin of twins) {
      twin.attachedPolicyArns = [];
      twin.permissionsBoundaryArn = null;
      twin.inlinePolicies = [{ name: 'own', document: policy(allow('iam:*')) }];
    }
    return account;
  });
  const functions = deployedFunctions(join(temporaryFolder('least-privilege'), 'out'));
  const onObject = (_name: HandlerName, method: string, key: string): void => {
    if (method === 'GET' && unwritten?.test(key) === true) throw new ServiceError(404, 'NoSuchKey', 'Not found');
    if (method === 'PUT' && refused?.test(key) === true) throw new ServiceError(403, 'AccessDenied', 'Not now');
  };
  deployment = await EnforcedDeployment.start({ functions, hub: HUB, accounts, denied, onObject });
  await deployment.store.write(ACCOUNT_LIST, JSON.stringify([HUB, MEMBER]));
  await deployment.store.write(objects.exceptions, 'exceptions: []\n');
});
afterAll(() => deployment.stop());

const staged = (environment: Record<string, string>): StagedWorkflow =>
  deployment.workflowWith(environment, (...args) => new StagedWorkflow(...args)) as StagedWorkflow;
const withMemberRole = {
  [environmentNames.memberRoleName]: AUDIT_ROLE,
  [environmentNames.stsRegion]: 'eu-west-1',
  [environmentNames.sourceIdentity]: 'iam-audit',
  [environmentNames.sessionTags]: JSON.stringify({ team: 'security' }),
};
const listed = {
  ...withMemberRole,
  [environmentNames.accounts]: 'listed',
  [environmentNames.accountList]: `s3://${BUCKET}/${ACCOUNT_LIST}`,
};

async function statusOf(runId: string): Promise<string> {
  return (JSON.parse((await deployment.store.read(objects.run(runId)))!.text) as RunSummary).status;
}

test('the functions of the stack’s own account read IAM with their own roles', async () => {
  const { runId } = await deployment.workflowWith({}).run('own', {});
  expect(deployment.refused).toEqual([]);
  expect(await statusOf(runId)).toBe('COMPLETE');
});

test('a listed account that fails is resumed, and its evidence is carried on the next day', async () => {
  const workflow = deployment.workflowWith(listed);
  denied[MEMBER] = ['iam:GetAccountAuthorizationDetails'];
  const first = await workflow.run('first', {});
  expect(await statusOf(first.runId)).toBe('PARTIAL');
  denied[MEMBER] = [];
  const second = await workflow.run('second', { resume: first.runId });
  expect(await statusOf(second.runId)).toBe('COMPLETE');
  const third = await workflow.run('third', {});
  expect(await statusOf(third.runId)).toBe('COMPLETE');
  expect(deployment.refused).toEqual([]);
});

test('accounts that were interrupted before their summary are summarised by SummariseRun', async () => {
  const workflow = staged(listed);
  workflow.before.set('summarise-account', stopped);
  const { runId } = await workflow.run('interrupted-accounts', { full: true });
  expect(deployment.refused).toEqual([]);
  expect(await statusOf(runId)).toBe('COMPLETE');
  expect(await deployment.store.exists(objects.uncarried(runId, HUB))).toBe(true);
});

test('evidence of a role whose policies changed during the run is not carried', async () => {
  const workflow = staged(listed);
  workflow.before.set('summarise-account', () => {
    for (const account of accounts) {
      for (const { inlinePolicies } of account.roles.values())
        inlinePolicies.push({ name: 'new', document: policy(allow('s3:*')) });
    }
  });
  const { runId } = await workflow.run('changed', { full: true });
  expect(deployment.refused).toEqual([]);
  expect(await deployment.store.exists(objects.uncarried(runId, HUB))).toBe(true);
});

test('a run that was interrupted before its summary is closed by the next one, which asks whether it still runs', async () => {
  const workflow = staged(listed);
  workflow.before.set('summarise-run', stopped);
  const { runId } = await workflow.run('interrupted', {});
  const next = await deployment.workflowWith(listed).run('after-interruption', {});
  expect(deployment.refused).toEqual([]);
  expect(await statusOf(runId)).toBe('FAILED');
  expect(await statusOf(next.runId)).toBe('COMPLETE');
});

test('a run that an earlier version planned is finished by this version', async () => {
  const workflow = staged(listed);
  workflow.before.set('inventory-account', () => {
    unwritten = /\/context\.json$/;
  });
  const { runId } = await workflow.run('planned-before-upgrade', {});
  unwritten = null;
  expect(deployment.refused).toEqual([]);
  expect(await statusOf(runId)).toBe('COMPLETE');
});

test('invocations whose results S3 refuses note their calls, and the next attempt succeeds', async () => {
  const workflow = staged(listed);
  const first = deployment.workflowWith(listed);
  const failsFirst = (handler: HandlerName, key: RegExp): void => {
    workflow.before.set(handler, async (payload) => {
      refused = key;
      await expect(first.invoke(handler, payload)).rejects.toThrow('Not now');
      refused = null;
    });
  };
  failsFirst('inventory-account', /\/inventory\.jsonl$/);
  failsFirst('audit-batch', /\/batches\//);
  failsFirst('summarise-account', /\/principals\.jsonl$/);
  const { runId } = await workflow.run('refused-writes', { full: true, accountIds: [HUB] });
  expect(deployment.refused).toEqual([]);
  expect(await statusOf(runId)).toBe('COMPLETE');
  const noted = (await deployment.store.read(objects.failedInvocations(runId, HUB)))!.text;
  const { invocations } = JSON.parse(noted) as { invocations: { state: string }[] };
  expect(invocations.map(({ state }) => state)).toEqual(['InventoryAccount', 'AuditBatch', 'SummariseAccount']);
});

test('a run that finds out whether its accounts share a bucket stores it', async () => {
  const workflow = staged(listed);
  workflow.before.set('summarise-run', async () => {
    const hub = await firstCalls(HUB, { throttledAt: 1_000, startedAt: 0, accepted: 10 });
    await firstCalls(MEMBER, { throttledAt: 3_000, startedAt: 2_000, accepted: 9 });
    expect(hub.length).toBeGreaterThanOrEqual(4);
  });
  await workflow.run('own-buckets', { full: true });
  expect(deployment.refused).toEqual([]);
  expect(await deployment.store.exists(objects.hubPace)).toBe(true);
});

/** Changes the stored pace of an account as if a throttle had ended its first calls. @returns its operations */
async function firstCalls(
  accountId: string,
  { throttledAt, startedAt, accepted }: { throttledAt: number; startedAt: number; accepted: number },
): Promise<string[]> {
  const key = objects.pace(accountId);
  const memory = v.parse(PaceMemory, JSON.parse((await deployment.store.read(key))!.text));
  for (const operation of Object.values(memory.operations)) {
    const state = operation.state!;
    state.startedAt = startedAt;
    state.rampAccepted = accepted;
    state.drained = { from: 1, to: 2, doubleMs: 1_000, at: throttledAt };
  }
  await deployment.store.write(key, JSON.stringify(memory));
  return Object.keys(memory.operations);
}

test('a run of the organization; Security Hub and the note about throttling', async () => {
  const workflow = deployment.workflowWith({ ...withMemberRole, [environmentNames.accounts]: 'organization' });
  const { runId } = await workflow.run('organization', {});
  expect(await statusOf(runId)).toBe('COMPLETE');
  await workflow.run('organization-next', {});
  await workflow.invoke('import-findings', { runId, accountId: HUB, progress: null });
  await workflow.invoke('name-culprits', {
    runId,
    throttled: { from: 0, to: 600, analysis: 'a', parameters: [] },
    answer: { error: { code: 'States.TaskFailed', message: 'no query' } },
    scannedBytes: [],
  });
  expect(deployment.refused).toEqual([]);
});

test('a run that is missing is reported as missing, not as a denied request', async () => {
  const workflow = deployment.workflowWith({ ...withMemberRole, [environmentNames.accounts]: 'organization' });
  const runId = '20200101T000000Z-000000';
  const throttled = { from: 0, to: 600, analysis: 'a', parameters: [] };
  const answer = { error: { code: 'States.TaskFailed', message: 'no query' } };
  const importing = workflow.invoke('import-findings', { runId, accountId: HUB, progress: null });
  await expect(importing).rejects.toThrow(runId);
  const naming = workflow.invoke('name-culprits', { runId, throttled, answer, scannedBytes: [] });
  await expect(naming).rejects.toThrow(runId);
  expect(deployment.refused).toEqual([]);
});

describe('every permission of every function', () => {
  const isUsed = (grant: Grant): boolean => deployment.used.has(inWords(grant));

  test('is needed by a request, or has a reason', () => {
    const unexplained = grants.filter((grant) => !isUsed(grant) && !unused.some(({ is }) => is(grant)));
    expect(unexplained.map(inWords)).toEqual([]);
  });

  test.each(unused.map(({ is, reason }) => [reason, is] as const))(
    'is without a request only where: %s',
    (_reason, is) => {
      const explained = grants.filter(is);
      expect(explained).not.toEqual([]);
      expect(explained.filter(isUsed).map(inWords)).toEqual([]);
    },
  );
});
