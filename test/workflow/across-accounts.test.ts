import type { Finding } from '../../core/contract/finding.ts';
import { objects } from '../../core/contract/objects.ts';
import { AccountSummary, type RunSummary } from '../../core/contract/run.ts';
import type { ExecutionInput } from '../../core/contract/execution-input.ts';
import { Exceptions, noExceptions } from '../../core/findings/exceptions.ts';
import { DamagedAccounts } from '../../core/objects/damaged-accounts.ts';
import { readValue } from '../../core/ports/stored-objects.ts';
import { writeAcrossAccounts } from '../../core/summary/findings/across-accounts.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { trust } from '../../local/emulated-aws/generate/role-origins.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const MEMBER = '111122223334';
let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

/** A user of the hub may assume a role of the member that is an administrator there. */
async function started(denied: Record<string, string[]> = {}) {
  const hub = auditableAccount(HUB, 12);
  const member = auditableAccount(MEMBER, 12);
  const [user] = [...hub.users.values()].filter(({ name }) => name !== OPERATOR);
  const role = [...member.roles.values()].find(({ path, name }) => !path.startsWith('/aws-') && name !== AUDIT_ROLE);
  if (user === undefined || role === undefined) throw new Error('The accounts have no such principals.');
  user.groupNames = [];
  user.attachedPolicyArns = [];
  user.permissionsBoundaryArn = null;
  user.inlinePolicies = [{ name: 'own', document: policy(allow('sts:AssumeRole', role.arn)) }];
  role.inlinePolicies = [{ name: 'all', document: policy(allow('*')) }];
  role.permissionsBoundaryArn = null;
  const open = (to: string | null): void => {
    role.trustPolicy = trust(to === null ? { Service: 'ec2.amazonaws.com' } : { AWS: to });
  };
  open(user.arn);
  audit = await VirtualAudit.start(
    { accounts: [hub, member], denied },
    { accounts: 'listed', accountIds: [HUB, MEMBER] },
  );
  return { run: audit, user, role, open };
}

async function audited(run: VirtualAudit, day: number, input: ExecutionInput = {}) {
  if (day > 0) await run.clock.sleep(START + day * DAY_MS - run.clock.now());
  await run.run(input);
  const summary = await run.lastRun();
  const findings: Finding[] = [];
  for await (const line of run.store.readLines(objects.findings(summary.runId))) {
    findings.push(JSON.parse(line) as Finding);
  }
  return { summary, found: findings.filter(({ rule }) => rule === 'escalation-across-accounts') };
}

const states = (found: readonly Finding[]): string[] => found.map(({ state }) => state);
const across = ({ acrossAccounts }: RunSummary) => acrossAccounts;

test('a path between accounts is found, stays open, is suppressed, and is resolved when it is closed', async () => {
  const { run, user, role, open } = await started();
  const first = await audited(run, 0);
  expect(first.found).toMatchObject([
    {
      severity: 'critical',
      accountId: HUB,
      principalArn: user.arn,
      state: 'new',
      evidence: { accounts: [MEMBER], paths: [{ to: role.arn, gain: 'administrator', certainty: 'certain' }] },
    },
  ]);
  expect(across(first.summary)).toEqual({ searched: 1, notSearched: [] });
  // The tables have the findings of no single account under this one.
  for (const table of ['findings', 'access_paths'] as const) {
    expect(await run.store.exists(objects.tableFile(table, '2026-11-23', '000000000000', 0))).toBe(true);
  }

  const second = await audited(run, 1);
  expect(second.found).toMatchObject([{ state: 'open', firstSeen: first.summary.startedAt, id: first.found[0]?.id }]);

  const exception = {
    rule: 'escalation-across-accounts',
    arn: user.arn,
    owner: 'o',
    reason: 'r',
    expires: '2030-01-01',
  };
  const third = await audited(run, 2, { exceptions: JSON.stringify({ exceptions: [exception] }) });
  expect(states(third.found)).toEqual(['suppressed']);
  expect(third.summary.exceptions?.unused).toEqual([]);

  open(null);
  const fourth = await audited(run, 3);
  expect(states(fourth.found)).toEqual(['resolved']);
  expect(across(fourth.summary)).toEqual({ searched: 0, notSearched: [] });
  expect(states((await audited(run, 4)).found)).toEqual([]);
});

test('a run of one account, and a run that could not read the member, resolve nothing', async () => {
  const denied: Record<string, string[]> = {};
  const { run, user } = await started(denied);
  await audited(run, 0);
  expect((await audited(run, 1, { accountIds: [HUB] })).found).toEqual([]);
  expect(states((await audited(run, 2)).found)).toEqual(['open']);
  denied[MEMBER] = ['iam:GetAccountAuthorizationDetails'];
  const failed = await audited(run, 3);
  expect(failed.summary.status).toBe('PARTIAL');
  expect(failed.found).toMatchObject([{ state: 'open', principalArn: user.arn }]);
});

test('an account whose policies are damaged is named as not searched, and its finding stays', async () => {
  const { run, user } = await started();
  const { summary } = await audited(run, 0);
  const { store } = run.services();
  const { runId } = summary;
  await store.write(objects.policies(runId, HUB), '{"kind":');
  const accounts = await Promise.all(
    [HUB, MEMBER].map(async (accountId) => {
      const stored = await readValue(store, objects.account(runId, accountId), AccountSummary);
      if (stored === null) throw new Error(`There is no summary of ${accountId}.`);
      return stored;
    }),
  );
  const warnings: string[] = [];
  const damaged = new DamagedAccounts((text) => warnings.push(text));
  const result = await writeAcrossAccounts(
    { store, warn: (text) => warnings.push(text) },
    summary,
    accounts,
    new Exceptions(noExceptions, run.clock.now()),
    damaged,
    () => true,
  );
  expect(result).toEqual({ searched: 0, notSearched: [HUB] });
  expect(warnings).toEqual([expect.stringContaining(objects.policies(runId, HUB))]);
  const findings: string[] = [];
  for await (const line of store.readLines(objects.acrossAccounts(runId))) findings.push(line);
  expect(findings).toEqual([expect.stringContaining(user.arn)]);
  expect(findings[0]).not.toContain('"resolved"');
});
