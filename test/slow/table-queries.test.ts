import type { AnswerCell } from '../../core/contract/answers/query.ts';
import type { PrincipalRecord } from '../../core/contract/evidence.ts';
import type { Finding } from '../../core/contract/finding.ts';
import { abilityOf } from '../../core/access/abilities/abilities.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { asOfDay, tableQueries, type TableQueryName } from '../../questions/table-queries.ts';
import { answerOf, auditCompany, LAST_DAY, sampleAnswers, type SampleAnswer } from '../../scripts/company-tables.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const store = new FolderStore({ folder: temporaryFolder('questions') });
const ACCOUNT = '210987654321';
let answers: ReadonlyMap<string, SampleAnswer>;
let run: RunSummary;
const records: PrincipalRecord[] = [];
const findings: Finding[] = [];

async function lines(key: string, into: unknown[]): Promise<void> {
  for await (const line of store.readLines(key)) into.push(JSON.parse(line));
}

beforeAll(async () => {
  await auditCompany(store.bucket);
  answers = new Map((await sampleAnswers(store.bucket)).map((answer) => [answer.name, answer]));
  const { runId } = JSON.parse((await store.read(objects.latest))!.text) as { runId: string };
  run = JSON.parse((await store.read(objects.run(runId)))!.text) as RunSummary;
  await lines(objects.principals(runId, ACCOUNT), records);
  await lines(objects.findings(runId), findings);
}, 60_000);

const rowsOf = (name: TableQueryName): Record<string, AnswerCell>[] => {
  const { columns, rows } = answers.get(name)!;
  return rows.map((row) => Object.fromEntries(columns.map((column, place) => [column.name, row[place]!])));
};
const column = (name: TableQueryName, of: string): AnswerCell[] => rowsOf(name).map((row) => row[of]!);
const arnsWith = (rule: string): string[] =>
  findings.filter((one) => one.rule === rule && one.state !== 'resolved').map((one) => one.principalArn);

test('every question has an answer in the company, and asks something', () => {
  for (const { name, question, sql } of tableQueries()) {
    expect([name, rowsOf(name).length > 0, question.endsWith('?')]).toEqual([name, true, true]);
    expect(sql).not.toMatch(/\{\{|\}\}|;/);
    // Athena's limit for a statement (service quotas, maximum query string length).
    expect(Buffer.byteLength(sql)).toBeLessThan(262_144);
  }
});

// The rules find the same from the records, without SQL.
test('what the questions find is what the findings of the run say', () => {
  expect(column('administrator-paths', 'principal_arn').sort()).toEqual(
    findings
      .filter(({ rule, state }) => rule === 'escalation-path' && state !== 'resolved')
      .filter(({ evidence }) => (evidence.paths as { gain: string }[]).some(({ gain }) => gain === 'administrator'))
      .map(({ principalArn }) => principalArn)
      .sort(),
  );
  expect(column('users-without-mfa', 'principal_arn').sort()).toEqual(arnsWith('password-without-mfa').sort());
  expect(column('old-access-keys', 'principal_arn').sort()).toEqual([...new Set(arnsWith('old-access-key'))].sort());
  const [counts] = rowsOf('findings-by-account');
  const { critical, high, medium, low, suppressed } = run.findings!;
  expect(counts).toEqual(expect.objectContaining({ account_id: ACCOUNT, critical, high, medium, low, suppressed }));
  const recent = findings.filter((one) => one.state !== 'resolved' && one.firstSeen > '2026-11-20T24:00:00Z');
  expect(column('new-findings', 'title').sort()).toEqual(recent.map(({ title }) => title).sort());
});

test('who can pass a role, surely or under conditions, is who is able to by the records', () => {
  const able = records.filter((record) => abilityOf(record, 'iam:PassRole').kind === 'able');
  expect(able.length).toBeGreaterThan(0);
  expect([...new Set(column('role-passing', 'principal_arn'))].sort()).toEqual(able.map(({ arn }) => arn).sort());
});

test('what was resolved is named with the last day on which it was open', () => {
  const resolved = findings.filter(({ state }) => state === 'resolved');
  expect(resolved.length).toBeGreaterThan(0);
  const rows = rowsOf('resolved-findings');
  for (const { rule, principalArn } of resolved) {
    expect(rows).toContainEqual(
      expect.objectContaining({ rule, principal_arn: principalArn, last_open: '2026-11-26' }),
    );
  }
  // Those that earlier runs resolved, too.
  expect(rows.length).toBeGreaterThan(resolved.length);
});

test('the services and unused principals are those of the records', () => {
  const allowed = records.filter(({ lastAccessed }) =>
    lastAccessed.services.some(({ namespace }) => namespace === 's3'),
  );
  const s3 = rowsOf('unused-services').find(({ service }) => service === 's3');
  expect(s3?.allowed_to).toBe(allowed.length);
  const never = allowed.filter(({ lastAccessed }) =>
    lastAccessed.services.some(({ namespace, lastAuthenticated }) => namespace === 's3' && lastAuthenticated === null),
  );
  expect(s3?.never_used).toBe(never.length);
  const unused = column('unused-principals', 'principal_arn');
  for (const arn of [...arnsWith('unused-user'), ...arnsWith('unused-role')]) {
    const { createdAt } = records.find((record) => record.arn === arn)!;
    expect([arn, unused.includes(arn)]).toEqual([arn, createdAt < '2026-08-30']);
  }
});

test('an account that could not be read today keeps the rows of its last day; one not read for a week has none', async () => {
  const { sql } = tableQueries().find(({ name }) => name === 'administrators')!;
  const later = async (day: string): Promise<number> => (await answerOf(store.bucket, asOfDay(sql, day))).rows.length;
  const today = await later(LAST_DAY);
  expect([await later('2026-12-04'), await later('2026-12-05')]).toEqual([today, 0]);
});

test('each table that a question names is limited to constant days, so that Athena reads only these', () => {
  for (const { name, sql } of tableQueries()) {
    const scans = [
      ...sql.matchAll(/(?:FROM|JOIN) (principals|service_access|permissions|access_paths|findings|runs)\b/g),
    ];
    const limits = [
      ...sql.matchAll(/"date" BETWEEN CAST\(CAST\(current_date - INTERVAL '\d+' DAY AS DATE\) AS VARCHAR\)/g),
    ];
    expect([name, scans.length, limits.length]).toEqual([name, scans.length, scans.length]);
    expect(scans.length).toBeGreaterThan(0);
  }
});
