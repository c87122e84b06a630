import type { PrincipalRecord } from '../../core/contract/evidence.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { EmulatedAccount, EmulatedRole } from '../../local/emulated-aws/account.ts';
import { simulatePrincipal } from '../../local/emulated-aws/evaluation/simulate.ts';
import { AUDIT_ROLE } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const ASK = 'iam:GenerateServiceLastAccessedDetails';
const LIST = 'iam:GetAccountAuthorizationDetails';
const SIMULATE = 'iam:SimulatePrincipalPolicy';
// So many days between refreshes that no refresh falls into a test.
const seldom = { refreshEveryDays: 30_000 };

let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

const narrow = policy(allow(['s3:GetObject', 'iam:PassRole'], '*'));
const wide = policy(allow('iam:*'));

/** No principal was active for a month. Four roles have the same policy, so that one of them is simulated for all. */
function alikeRoles(document = narrow): { account: EmulatedAccount; roles: EmulatedRole[] } {
  const account = auditableAccount(HUB, 9);
  const longAgo = START - 30 * DAY_MS;
  for (const role of account.roles.values()) if (role.lastUsed !== null) role.lastUsed.at = longAgo;
  for (const { password, accessKeys } of account.users.values()) {
    if (password !== null) password.lastUsed = longAgo;
    for (const { lastUsed } of accessKeys) if (lastUsed !== null) lastUsed.at = longAgo;
  }
  const roles = [...account.roles.values()].filter(({ name }) => name !== AUDIT_ROLE).slice(0, 4);
  for (const role of roles) {
    role.inlinePolicies = [{ name: 'own', document }];
    role.attachedPolicyArns = [];
    role.permissionsBoundaryArn = null;
  }
  return { account, roles };
}

/** @param atFirstSimulation called once, between the inventory and the first simulation */
async function start(
  account: EmulatedAccount,
  atFirstSimulation: () => void,
  isAllowed: (operation: string) => boolean = () => true,
): Promise<VirtualAudit> {
  let isFirst = true;
  audit = await VirtualAudit.start(
    {
      accounts: [account],
      authorize: (_, operation) => {
        if (operation === SIMULATE && isFirst) {
          isFirst = false;
          atFirstSimulation();
        }
        return isAllowed(operation);
      },
    },
    seldom,
  );
  return audit;
}

async function audited(run: VirtualAudit, input: Parameters<VirtualAudit['run']>[0] = {}): Promise<RunSummary> {
  await run.run({ accountIds: [HUB], ...input });
  return run.lastRun();
}

const daysLater = (run: VirtualAudit, days: number): Promise<void> =>
  run.clock.sleep(START + days * DAY_MS - run.clock.now());

async function recordsOf(run: VirtualAudit, summary: RunSummary, roles: readonly EmulatedRole[]) {
  const byArn = new Map((await run.records(summary, HUB)).map((record) => [record.arn, record]));
  return roles.map(({ arn }) => byArn.get(arn)!);
}

/** Expects the decisions of the record to match the account as it is now. */
function expectTruth(run: VirtualAudit, account: EmulatedAccount, { arn, permissions }: PrincipalRecord): void {
  expect(permissions.decisions.length).toBeGreaterThan(0);
  for (const { action, decision } of permissions.decisions) {
    const request = { actionNames: [action], resourceArns: [], contextEntries: [], now: run.clock.now() };
    expect([arn, action, decision]).toEqual([arn, action, simulatePrincipal(account, arn, request)[0]?.decision]);
  }
}

const sent = (summary: RunSummary, operation: string): number => summary.calls[operation]?.sent ?? 0;

test('decisions of a principal whose policies changed after the inventory are not shared, neither today nor on the next day', async () => {
  const { account, roles } = alikeRoles();
  const [simulated, ...others] = roles;
  const run = await start(account, () => {
    simulated!.inlinePolicies = [{ name: 'own', document: wide }];
  });
  const first = await audited(run);
  expect(first).toMatchObject({ status: 'PARTIAL', principals: { partial: others.length, failed: 0 } });
  for (const { permissions, problems } of await recordsOf(run, first, others)) {
    expect(permissions).toMatchObject({ status: 'FAILED', decisions: [] });
    expect(problems).toEqual([
      { step: 'permissions', code: 'Interrupted', message: expect.stringContaining(simulated!.arn) as string },
    ]);
  }
  await daysLater(run, 1);
  const second = await audited(run);
  expect(second).toMatchObject({ status: 'COMPLETE' });
  for (const record of await recordsOf(run, second, roles)) {
    expect(record.permissions).toMatchObject({ status: 'COMPLETE', carriedFrom: null });
    expectTruth(run, account, record);
  }
  // Evidence of the others is carried; the changed principal is asked in full.
  expect([sent(second, SIMULATE), sent(second, ASK)]).toEqual([2, 1]);
  await daysLater(run, 2);
  const third = await audited(run);
  expect([third.status, sent(third, SIMULATE), sent(third, LIST)]).toEqual(['COMPLETE', 0, 2]);
});

test('evidence found under policies that existed only for a few hours is not carried', async () => {
  const { account, roles } = alikeRoles();
  const [role] = roles;
  const [before] = role!.inlinePolicies;
  const personal = policy(allow('iam:*', 'arn:aws:iam::*:user/${aws:PrincipalTag/team}'), allow('kms:*'));
  role!.inlinePolicies = [{ ...before!, document: personal }];
  const run = await start(account, () => {
    role!.inlinePolicies = [{ ...before!, document: policy(allow('s3:ListBucket')) }];
  });
  await audited(run);
  role!.inlinePolicies = [{ ...before!, document: personal }];
  await daysLater(run, 1);
  const second = await audited(run);
  const [record] = await recordsOf(run, second, [role!]);
  expect(record).toMatchObject({ status: 'COMPLETE', permissions: { carriedFrom: null } });
  expectTruth(run, account, record!);
  expect(second.principals.carriedForward).toBe(second.principals.total - 1);
});

test('a resumed run takes over nothing that must not be carried', async () => {
  const { account, roles } = alikeRoles();
  const [simulated] = roles;
  let isDenied = true;
  const run = await start(
    account,
    () => {
      simulated!.inlinePolicies = [{ name: 'own', document: wide }];
    },
    (operation) => !(isDenied && operation === 'iam:GenerateCredentialReport'),
  );
  const first = await audited(run);
  simulated!.inlinePolicies = [{ name: 'own', document: narrow }];
  isDenied = false;
  await run.run({ resume: first.runId });
  const resumed = await run.lastRun();
  expect(resumed).toMatchObject({ status: 'COMPLETE' });
  for (const record of await recordsOf(run, resumed, roles)) expectTruth(run, account, record);
});

test('if a policy that all principals have changes, no decisions are lost, and all are asked again', async () => {
  const { account, roles } = alikeRoles();
  const run = await start(account, () => {
    for (const role of roles) role.inlinePolicies = [{ name: 'own', document: wide }];
  });
  const first = await audited(run);
  expect(first).toMatchObject({ status: 'COMPLETE' });
  for (const record of await recordsOf(run, first, roles)) expect(record.permissions.decisions).not.toEqual([]);
  await daysLater(run, 1);
  const second = await audited(run);
  for (const record of await recordsOf(run, second, roles)) {
    expect(record.permissions.carriedFrom).toBeNull();
    expectTruth(run, account, record);
  }
});

test('a principal deleted after its simulation does not change other principals’ status, and shared decisions are asked again', async () => {
  const { account, roles } = alikeRoles();
  let simulations = 0;
  const run = await start(
    account,
    () => undefined,
    (operation) => {
      if (operation === SIMULATE) simulations += 1;
      // By then all simulations are done and the reports are ready.
      if (operation === LIST && simulations > 0) account.roles.delete(roles[0]!.name);
      return true;
    },
  );
  const first = await audited(run);
  expect(first).toMatchObject({ status: 'COMPLETE', principals: { complete: first.principals.total } });
  await daysLater(run, 1);
  const second = await audited(run);
  for (const record of await recordsOf(run, second, roles.slice(1))) {
    expect(record.permissions).toMatchObject({ status: 'COMPLETE', carriedFrom: null });
  }
  expect([sent(second, SIMULATE), sent(second, ASK)]).toEqual([1, 0]);
});

test('if the second listing is denied, the run is still COMPLETE, and shared decisions are asked again', async () => {
  const { account, roles } = alikeRoles();
  let simulating = false;
  const run = await start(
    account,
    () => {
      simulating = true;
    },
    (operation) => !(simulating && operation === LIST),
  );
  const first = await audited(run);
  expect(first).toMatchObject({ status: 'COMPLETE', principals: { complete: first.principals.total } });
  const stored: string[] = [];
  for await (const line of run.store.readLines(objects.evidence(HUB))) {
    const { arn, permissions } = JSON.parse(line) as { arn: string; permissions: unknown };
    if (permissions === null) stored.push(arn);
  }
  expect(roles.filter(({ arn }) => stored.includes(arn))).toHaveLength(roles.length - 1);
  simulating = false;
  await daysLater(run, 1);
  const second = await audited(run);
  expect([second.status, sent(second, ASK)]).toEqual(['COMPLETE', 0]);
  for (const record of await recordsOf(run, second, roles)) expectTruth(run, account, record);
});
