import type { Finding } from '../../core/contract/finding.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import { allow, policy } from '../../local/emulated-aws/generate/policies.ts';
import { auditableAccount, HUB, START, VirtualAudit } from '../support/virtual-audit.ts';
import { reportOfRun } from '../support/report-data.ts';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
let audit: VirtualAudit | null = null;
afterEach(async () => {
  await audit?.close();
  audit = null;
});

const everything = [{ name: 'everything', document: policy(allow('*', '*')) }];

/** An account with one administrator role. A test can remove and restore the role's policy. */
async function started(
  denied: string[] = [],
): Promise<{ run: VirtualAudit; arn: string; setAdministrator: (is: boolean) => void }> {
  const account = auditableAccount(HUB, 12);
  const role = [...account.roles.values()].find(({ path }) => path === '/');
  if (role === undefined) throw new Error('The account has no role of its own.');
  const setAdministrator = (is: boolean): void => {
    role.inlinePolicies = is ? everything : [];
    role.attachedPolicyArns = [];
  };
  setAdministrator(true);
  audit = await VirtualAudit.start({ accounts: [account], denied: { [HUB]: denied } });
  return { run: audit, arn: role.arn, setAdministrator };
}

async function audited(run: VirtualAudit, day: number, input: Parameters<VirtualAudit['run']>[0] = {}) {
  if (day > 0) await run.clock.sleep(START + day * DAY_MS - run.clock.now());
  await run.run({ accountIds: [HUB], ...input });
  const summary = await run.lastRun();
  return { summary, findings: await findingsOf(run, summary) };
}

async function findingsOf(run: VirtualAudit, { runId }: RunSummary): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const line of run.store.readLines(objects.findings(runId))) findings.push(JSON.parse(line) as Finding);
  return findings;
}

const administrator = (findings: readonly Finding[], arn: string): Finding | undefined =>
  findings.find(({ rule, principalArn }) => rule === 'administrator' && principalArn === arn);

test('a finding is new, open, suppressed, open again and resolved; run.json, report and table agree', async () => {
  const { run, arn, setAdministrator } = await started();
  const first = await audited(run, 0);
  expect(administrator(first.findings, arn)).toMatchObject({ state: 'new', accountId: HUB });
  expect(first.summary.previous).toBeNull();

  const second = await audited(run, 1);
  const id = administrator(first.findings, arn)?.id;
  expect(administrator(second.findings, arn)).toMatchObject({ state: 'open', id, firstSeen: first.summary.startedAt });
  expect(second.summary.previous).toBe(first.summary.runId);

  const exceptions = [
    { rule: 'administrator', arn, owner: 'security', reason: 'known', expires: '2026-11-25' },
    { rule: 'administrator', arn: `arn:aws:iam::${HUB}:role/nobody`, owner: 'x', reason: 'y', expires: '2030-01-01' },
    { rule: 'administrator', arn, owner: 'z' },
  ];
  await run.store.write(objects.exceptions, JSON.stringify({ exceptions }));
  const third = await audited(run, 2);
  // The run of 25 November is on the exception's last day.
  expect(third.summary.startedAt.slice(0, 10)).toBe('2026-11-25');
  expect(administrator(third.findings, arn)?.state).toBe('suppressed');
  expect(third.summary.exceptions?.unused).toEqual([expect.stringContaining('role/nobody')]);
  expect(third.summary.exceptions?.problems.join()).toContain('exceptions[2].reason is missing');
  expect(summariseInWords(third.summary).join('\n')).toContain('warning: exceptions[2].reason');

  const fourth = await audited(run, 5);
  expect(administrator(fourth.findings, arn)?.state).toBe('open');
  const expired = fourth.findings.filter(({ rule }) => rule === 'expired-exception');
  expect(expired).toMatchObject([{ severity: 'medium', principalArn: arn, accountId: HUB, state: 'new' }]);

  setAdministrator(false);
  const fifth = await audited(run, 6);
  expect(administrator(fifth.findings, arn)?.state).toBe('resolved');
  expect(fifth.findings.find(({ rule }) => rule === 'expired-exception')).toMatchObject({
    severity: 'low',
    state: 'open',
  });
  const { findings: counts } = fifth.summary;
  for (const state of ['new', 'open', 'suppressed', 'resolved'] as const) {
    expect(counts?.[state]).toBe(fifth.findings.filter((finding) => finding.state === state).length);
  }
  const table: string[] = [];
  for await (const line of run.store.readLines(objects.findingsTable(fifth.summary.runId))) table.push(line);
  for (const finding of fifth.findings) expect(table.join('\n')).toContain(finding.id);
  const report = await reportOfRun(run.store, fifth.summary.runId);
  expect(report.findings.filter(({ state }) => state === 'resolved')).toHaveLength(
    fifth.summary.findings?.resolved ?? 0,
  );
  expect(report.head.trend.map(({ runId }) => runId).at(-1)).toBe(fifth.summary.runId);
  expect(report.head.trend).toHaveLength(5);
});

test('an exceptions file that is not valid JSON does not stop the run, suppresses nothing and is reported', async () => {
  const { run, arn } = await started();
  await run.store.write(objects.exceptions, '{ "exceptions": [');
  const { summary, findings } = await audited(run, 0);
  expect(summary.status).toBe('COMPLETE');
  expect(administrator(findings, arn)?.state).toBe('new');
  expect(summary.exceptions?.problems[0]).toContain('not valid JSON');
  const { notes } = (await reportOfRun(run.store, summary.runId)).head;
  expect(
    notes
      .filter(({ kind }) => kind === 'warning')
      .map(({ text }) => text)
      .join(),
  ).toContain('exceptions file');
});

test('an exceptions file in the run’s input replaces the file in the bucket and is stored with the run', async () => {
  const { run, arn } = await started();
  await run.store.write(objects.exceptions, 'not looked at');
  const exceptions = JSON.stringify({
    exceptions: [{ rule: 'administrator', arn, owner: 'o', reason: 'r', expires: '2030-01-01' }],
  });
  const { summary, findings } = await audited(run, 0, { exceptions });
  expect(administrator(findings, arn)).toMatchObject({ state: 'suppressed', exception: { owner: 'o' } });
  expect(summary.exceptions).toEqual({ valid: 1, problems: [], unused: [], expired: [] });
  expect((await run.store.read(objects.exceptionsOf(summary.runId)))?.text).toBe(exceptions);
});

test('a failed simulation on the second day resolves no finding', async () => {
  const denied: string[] = [];
  const { run, arn } = await started(denied);
  await audited(run, 0);
  denied.push('iam:SimulatePrincipalPolicy');
  const { summary, findings } = await audited(run, 1, { full: true });
  expect(summary.status).toBe('PARTIAL');
  expect(administrator(findings, arn)?.state).toBe('open');
});
