import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { stat } from 'node:fs/promises';
import type { PrincipalRecord } from '../../../core/contract/evidence.ts';
import type { Finding } from '../../../core/contract/finding.ts';
import { objects } from '../../../core/contract/objects.ts';
import { tableNames, tables, type TableName } from '../../../core/contract/tables/tables.ts';
import type { TableLimits } from '../../../core/tables/table-writer.ts';
import { writeAccountTables, writeAcrossAccountsTables } from '../../../core/tables/write-tables.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { principalRecord } from '../../support/principal-record.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const accountId = '011122223333';
const morning = '20261124T040000Z-aaaaaa';
const evening = '20261124T200000Z-bbbbbb';

let duck: DuckDBConnection;
beforeAll(async () => {
  duck = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => {
  duck.closeSync();
});

const store = () => new FolderStore({ folder: temporaryFolder('tables'), durable: false });

async function rows(from: FolderStore, table: TableName, select = '*'): Promise<Record<string, unknown>[]> {
  const files = `${from.bucket}/tables/${table}/*/*/*.parquet`;
  const reader = await duck.runAndReadAll(
    `SELECT ${select} FROM read_parquet('${files}', hive_partitioning = true, hive_types_autocast = false)`,
  );
  return reader.getRowObjectsJson();
}

const record = (n: number, more: Parameters<typeof principalRecord>[0] = {}): PrincipalRecord => ({
  ...principalRecord({ allowed: ['iam:PassRole'], services: { s3: '2026-11-20T10:00:00Z', sqs: null }, ...more }),
  accountId,
  arn: `arn:aws:iam::${accountId}:user/u${n}`,
  name: `u${n}`,
});

const finding: Finding = {
  ...{ id: 'f1', rule: 'escalation-path', severity: 'critical', controls: ['CIS 3.0 1.16', 'FSBP IAM.1'], accountId },
  ...{ principalArn: `arn:aws:iam::${accountId}:user/u0`, title: 't', detail: 'd', firstSeen: '2026-11-01T00:00:00Z' },
  ...{ state: 'new', exception: null },
  evidence: {
    pathCount: 1,
    paths: [
      {
        steps: ['x', 'admin'].map((name, n) => ({
          from: `arn:aws:iam::${accountId}:${n === 0 ? 'user/u0' : 'role/x'}`,
          to: `arn:aws:iam::${accountId}:role/${name}`,
          ...{ by: 'sts:AssumeRole', technique: 'sts-001', actions: [], reference: '', grounds: [] },
        })),
        to: `arn:aws:iam::${accountId}:role/admin`,
        ...{ gain: 'administrator', certainty: 'certain', missing: [], targets: [], targetCount: 1, administrators: 1 },
      },
    ],
  },
};

async function write(
  to: FolderStore,
  runId: string,
  records: readonly PrincipalRecord[],
  {
    findings = [],
    limits,
    principals = 'all',
  }: {
    findings?: readonly Finding[];
    limits?: TableLimits;
    principals?: string[] | 'all';
  } = {},
): Promise<boolean> {
  const started = { schemaVersion: 1, startedAt: '2026-11-24T04:00:00Z', organizationId: null, memberGroups: null };
  const context = { ...started, principals };
  await to.write(objects.runContext(runId), JSON.stringify(context));
  await to.writeLines(
    objects.principals(runId, accountId),
    records.map((one) => JSON.stringify(one)),
  );
  await to.writeLines(
    objects.accountFindings(runId, accountId),
    findings.map((one) => JSON.stringify(one)),
  );
  return writeAccountTables(to, { runId, accountId }, limits);
}

test('findings that compare accounts are rows of their principals’ accounts, replaced by the next run of the day', async () => {
  const to = store();
  const across = async (runId: string, findings: readonly Finding[]): Promise<void> => {
    await to.writeLines(
      objects.acrossAccounts(runId),
      findings.map((one) => JSON.stringify(one)),
    );
    await writeAcrossAccountsTables(to, runId);
  };
  await write(to, morning, [record(0)], { findings: [finding] });
  await across(morning, [
    { ...finding, id: 'f2', rule: 'escalation-across-accounts' },
    { ...finding, id: 'f3', rule: 'escalation-across-accounts', accountId: '011122223334' },
  ]);
  const ids = async (): Promise<unknown[]> =>
    (await rows(to, 'findings', 'account_id, finding_id')).map((row) => Object.values(row).join(' ')).sort();
  expect(await ids()).toEqual([`${accountId} f1`, `${accountId} f2`, '011122223334 f3']);
  // Two steps each.
  expect(await rows(to, 'access_paths', 'count(*) AS n')).toEqual([{ n: '6' }]);
  await across(evening, []);
  expect(await ids()).toEqual([`${accountId} f1`]);
});

test('each column of the contract is in the files, in its order and type', async () => {
  const to = store();
  await write(to, morning, [record(0)]);
  const types = { text: 'VARCHAR', count: 'BIGINT', number: 'DOUBLE', flag: 'BOOLEAN', time: 'TIMESTAMP' };
  for (const name of tableNames.filter((one) => one !== 'runs')) {
    const file = to.path(objects.tableFile(name, '2026-11-24', accountId, 0));
    const described = await duck.runAndReadAll(
      `DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = false)`,
    );
    expect(described.getRowObjectsJson().map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
      Object.entries(tables[name].columns).map(([column, { type }]) => [column, types[type]]),
    );
  }
});

test('the rows have what the records and findings say', async () => {
  const to = store();
  const odd = '=HYPERLINK("x") \u001b[31m \ud800 ü';
  expect(await write(to, morning, [record(0, { tags: { note: odd } })], { findings: [finding] })).toBe(true);
  expect(await rows(to, 'principals')).toEqual([
    expect.objectContaining({
      ...{ run_id: morning, account_id: accountId, account: accountId, date: '2026-11-24', name: 'u0' },
      ...{ used: 'yes', last_used: '2026-11-20 10:00:00', services_allowed: '2', services_used: '1' },
      ...{ sensitive_actions: '1', administrator: false, problems: null },
      tags: JSON.stringify({ note: odd }),
    }),
  ]);
  expect(await rows(to, 'service_access', 'service, last_used, tracked_actions')).toEqual([
    { service: 's3', last_used: '2026-11-20 10:00:00', tracked_actions: null },
    { service: 'sqs', last_used: null, tracked_actions: null },
  ]);
  expect(await rows(to, 'permissions', 'action, resource, decision, used')).toEqual([
    { action: 'iam:PassRole', resource: '*', decision: 'allowed', used: 'unknown' },
  ]);
  expect(await rows(to, 'findings', 'finding_id, controls, evidence, first_seen')).toEqual([
    {
      ...{ finding_id: 'f1', controls: 'CIS 3.0 1.16, FSBP IAM.1', evidence: '{"pathCount":1}' },
      first_seen: '2026-11-01 00:00:00',
    },
  ]);
  expect(await rows(to, 'access_paths', 'path, steps, step, to_arn, gain')).toEqual(
    ['x', 'admin'].map((name, n) => ({
      ...{ path: '1', steps: '2', step: String(n + 1), gain: 'administrator' },
      to_arn: `arn:aws:iam::${accountId}:role/${name}`,
    })),
  );
});

test('evidence that is missing is null, not zero', async () => {
  const to = store();
  await write(to, morning, [record(0, { lastAccessedStatus: 'FAILED', permissionsStatus: 'FAILED' })]);
  expect(await rows(to, 'principals', 'used, services_allowed, sensitive_actions, administrator')).toEqual([
    { used: 'unknown', services_allowed: null, sensitive_actions: null, administrator: null },
  ]);
});

test('administrators are those that are reported: what the inventory knows besides the simulation counts', async () => {
  const to = store();
  const found = (n: number, conditional: readonly string[]): Finding => ({
    ...finding,
    ...{ id: `a${n}`, rule: 'administrator', principalArn: record(n).arn, evidence: { conditional } },
  });
  const anything = { allowed: ['iam:AttachRolePolicy', 'iam:CreatePolicyVersion', 'iam:PutRolePolicy'] };
  const records = [record(0), record(1), record(2, anything), record(3, { ...anything, managedBy: 'service' })];
  await write(to, morning, records, { findings: [found(0, []), found(1, ['aws:sourceip'])] });
  expect(await rows(to, 'principals', 'name, administrator')).toEqual([
    { name: 'u0', administrator: true },
    { name: 'u1', administrator: false },
    { name: 'u2', administrator: false },
    { name: 'u3', administrator: true },
  ]);
});

const small: TableLimits = { groupRows: 10, groupCharacters: 4_000, fileBytes: 6_000 };
const many = (count: number): PrincipalRecord[] => Array.from({ length: count }, (_, n) => record(n));

test('a table that is larger than a file has several files, and each row once', async () => {
  const to = store();
  await write(to, morning, many(200), { limits: small });
  const [counts] = await rows(to, 'principals', 'count(*) AS n, count(DISTINCT principal_arn) AS arns');
  expect(counts).toEqual({ n: '200', arns: '200' });
  const { size } = await stat(to.path(objects.tableFile('principals', '2026-11-24', accountId, 0)));
  expect(await to.exists(objects.tableFile('principals', '2026-11-24', accountId, 1))).toBe(true);
  // The limit, one more group, and the index at the end, which is large for such small groups.
  expect(size).toBeLessThan(4 * small.fileBytes);
});

test('a run that is repeated, and a second run of the day, leave each principal once', async () => {
  const to = store();
  await write(to, morning, many(200), { limits: small, findings: [finding] });
  await write(to, morning, many(200), { limits: small, findings: [finding] });
  expect(await rows(to, 'principals', 'count(*) AS n')).toEqual([{ n: '200' }]);
  await write(to, evening, many(3), { limits: small });
  expect(await rows(to, 'principals', 'run_id, name')).toEqual(
    ['u0', 'u1', 'u2'].map((name) => ({ run_id: evening, name })),
  );
  expect(await rows(to, 'findings', 'count(*) AS n')).toEqual([{ n: '0' }]);
});

test('a run of some principals does not replace the rows of the day', async () => {
  const to = store();
  await write(to, morning, many(5));
  expect(await write(to, evening, many(1), { principals: ['*u0'] })).toBe(false);
  expect(await rows(to, 'principals', 'count(*) AS n')).toEqual([{ n: '5' }]);
});

test('if a file can’t be written, its error is told, and no half file appears', async () => {
  const to = store();
  const writeBytes = to.writeBytes.bind(to);
  to.writeBytes = async (key, parts) => {
    if (!key.includes('/permissions/')) return writeBytes(key, parts);
    for await (const part of parts) if (part.length > 0) break;
    throw new Error('no space is left');
  };
  await expect(write(to, morning, many(200), { limits: small })).rejects.toThrow('no space is left');
  expect(await to.exists(objects.tableFile('permissions', '2026-11-24', accountId, 0))).toBe(false);
});
