import { readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectRecord } from '../../core/doctor/records/project-record.ts';
import type { RecordRow } from '../../core/doctor/records/columns.ts';
import { TrailFiles } from '../../local/emulated-aws/cloudtrail/trail-files.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { auditableAccount, HUB, VirtualAudit, withOwnPolicies } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

let folder = '';
let audit: VirtualAudit | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trail-'));
});
afterEach(async () => {
  await audit?.close();
  await rm(folder, { recursive: true, force: true });
});

async function rowsOf(keys: readonly string[]): Promise<RecordRow[]> {
  const rows: RecordRow[] = [];
  for (const key of keys) {
    const { Records } = JSON.parse(gunzipSync(await readFile(join(folder, key))).toString()) as { Records: unknown[] };
    for (const record of Records) {
      const projection = projectRecord(record);
      if (projection.kind === 'row') rows.push(projection.row);
    }
  }
  return rows;
}

/** Served and throttled calls by operation. */
function countsOf(rows: readonly RecordRow[]): Record<string, { succeeded: number; throttled: number }> {
  const counts: Record<string, { succeeded: number; throttled: number }> = {};
  const seen = new Set<string | null>();
  for (const { service, operation, error_code, event_id, shared_event_id } of rows) {
    const id = shared_event_id ?? event_id;
    if (seen.has(id)) continue;
    seen.add(id);
    const count = (counts[`${service}:${operation}`] ??= { succeeded: 0, throttled: 0 });
    if (error_code === 'Throttling') count.throttled += 1;
    if (error_code === null) count.succeeded += 1;
  }
  return counts;
}

test.each([
  ['100 principals', [auditableAccount(HUB, 100)]],
  ['an organization', [auditableAccount(HUB, 20), auditableAccount('111122223334', 30, 2)]],
])('the logs of a run over %s hold the calls that run.json counts', async (_, accounts) => {
  const trail = new TrailFiles({ random: seededRandom(1) });
  const run = await VirtualAudit.start({
    accounts: accounts.map(withOwnPolicies),
    limit: { rate: 5, size: 5 },
    bystanderShare: 0.6,
    cloudTrail: trail.add,
  });
  audit = run;
  await run.run({ accountIds: accounts.map(({ accountId }) => accountId) });
  const { status, calls } = await run.lastRun();
  expect(status).toBe('COMPLETE');
  const rows = await rowsOf(await trail.write(folder));
  const counted = countsOf(rows);
  const reported = Object.entries(calls).filter(([operation, { sent }]) => /^(iam|sts):/.test(operation) && sent > 0);
  expect(reported.length).toBeGreaterThan(3);
  for (const [operation, { succeeded, throttled }] of reported) {
    expect([operation, counted[operation]]).toEqual([operation, { succeeded, throttled }]);
  }
  expect(Object.values(counted).some(({ throttled }) => throttled > 0)).toBe(true);
  // The audit's calls are told from others by the role and by the user agent.
  const simulations = rows.filter(({ operation }) => operation === 'SimulatePrincipalPolicy');
  expect(new Set(simulations.map(({ issuer_arn }) => issuer_arn)).size).toBe(accounts.length);
  expect(
    simulations.every(({ user_agent, host_header }) => user_agent !== null && host_header === 'iam.amazonaws.com'),
  ).toBe(true);
  expect(rows.filter(({ operation }) => operation === 'AssumeRole').every(({ role_arn }) => role_arn !== null)).toBe(
    true,
  );
});
