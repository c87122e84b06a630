import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordRow } from '../../core/doctor/records/columns.ts';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import type { EmulatedAccount } from '../../local/emulated-aws/account.ts';
import type { EmulatedAwsSettings } from '../../local/emulated-aws/settings.ts';
import { examineRows, sourceOf } from '../../local/log-analysis/examine-rows.ts';
import { FolderLogFiles } from '../../local/log-analysis/folder-log-files.ts';
import { readLogs } from '../../local/log-analysis/read-logs.ts';
import { startLoggedAudit } from '../support/logged-audit.ts';
import { auditableAccount, HUB, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(90_000);

const MEMBER = '111122223334';
const cases: [string, () => EmulatedAccount[], string | undefined][] = [
  ['100 principals', () => [auditableAccount(HUB, 100)], undefined],
  ['an organization', () => [auditableAccount(HUB, 20), auditableAccount(MEMBER, 30, 2)], 'o-exampleorg'],
];

/** Audits the accounts, writes the logs of the run and reads them again. */
async function loggedRun(
  accounts: readonly EmulatedAccount[],
  organizationId: string | undefined,
  settings: Partial<EmulatedAwsSettings>,
) {
  const { audit, rowsFolder, writeLogs } = await startLoggedAudit(
    { accounts: accounts.map(withOwnPolicies), ...settings },
    { organizationId },
  );
  await audit.run({ accountIds: accounts.map(({ accountId }) => accountId) });
  const { status, calls } = await audit.lastRun();
  expect(status).toBe('COMPLETE');
  const { logs, keys } = await writeLogs();
  const result = await readLogs({
    source: new FolderLogFiles(logs),
    rowsFolder,
    workers: 0,
    since: null,
    until: null,
  });
  expect([result.files, result.complete]).toEqual([keys.length, true]);
  return { calls, rowsFolder, result };
}

/** Served and throttled calls by operation. A call that two accounts record counts once. */
async function countsOf(rowsFolder: string): Promise<Record<string, { succeeded: number; throttled: number }>> {
  const counts: Record<string, { succeeded: number; throttled: number }> = {};
  const seen = new Set<string | null>();
  for (const name of await readdir(rowsFolder)) {
    for (const line of (await readFile(join(rowsFolder, name), 'utf8')).split('\n')) {
      if (line === '') continue;
      const { service, operation, error_code, event_id, shared_event_id, arn } = JSON.parse(line) as RecordRow;
      // The calls of the emulated bystander.
      if (/inventory-(bot|reader)/.test(arn ?? '')) continue;
      const id = shared_event_id ?? event_id;
      if (seen.has(id)) continue;
      seen.add(id);
      const count = (counts[`${service}:${operation}`] ??= { succeeded: 0, throttled: 0 });
      if (error_code === 'Throttling') count.throttled += 1;
      if ((error_code ?? null) === null) count.succeeded += 1;
    }
  }
  return counts;
}

test.each(cases)(
  'the logs of a run over %s hold the calls that run.json counts',
  async (_, accounts, organizationId) => {
    const limits = { limit: { rate: 5, size: 5 }, bystanderShare: 0.6 };
    const { calls, rowsFolder } = await loggedRun(accounts(), organizationId, limits);
    const counted = await countsOf(rowsFolder);
    const reported = Object.entries(calls).filter(([operation, { sent }]) => /^(iam|sts):/.test(operation) && sent > 0);
    expect(reported.length).toBeGreaterThan(3);
    for (const [operation, { succeeded, throttled }] of reported) {
      expect([operation, counted[operation]]).toEqual([operation, { succeeded, throttled }]);
    }
    expect(Object.values(counted).some(({ throttled }) => throttled > 0)).toBe(true);
  },
);

test.each(cases)(
  'doctor has nothing to say against the calls of a run over %s',
  async (_, accounts, organizationId) => {
    const limits = { limit: { rate: 10, size: 10 } };
    const { rowsFolder, result } = await loggedRun(accounts(), organizationId, limits);
    const { questions, source } = await examineRows({
      rowsFolder,
      thresholds: defaultThresholds,
      memoryMegabytes: 500,
      source: sourceOf(result),
    });
    expect(source.audited).toBeGreaterThan(100);
    for (const { id, verdict, callers } of questions) {
      expect({ id, isFound: verdict === 'found', callers }).toEqual({ id, isFound: false, callers: [] });
    }
  },
);
