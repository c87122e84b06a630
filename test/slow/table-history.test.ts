import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QueryAnswer } from '../../core/contract/answers/query.ts';
import { auditCompany, sampleAnswers } from '../../scripts/company-tables.ts';
import { tablesPage } from '../../scripts/table-docs.ts';
import { ACCOUNTS, DAYS, principalsOn, writeHistory } from '../../scripts/tables-test/history.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(240_000);

const root = join(__dirname, '../..');

test('docs/tables.md is up to date (npm run docs:tables)', async () => {
  const folder = temporaryFolder('company');
  await auditCompany(folder);
  expect(readFileSync(join(root, 'docs/tables.md'), 'utf8')).toBe(tablesPage(await sampleAnswers(folder)));
});

describe('400 days', () => {
  const folder = temporaryFolder('days');
  const days = Array.from({ length: DAYS }, (_, day) => day);
  beforeAll(async () => {
    await writeHistory(folder);
  });

  function answerTo(...args: string[]): QueryAnswer {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [COMMAND_LINE, 'query', '--out', folder, '--json', ...args],
      { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    expect([stderr, status]).toEqual([expect.any(String), 0]);
    return JSON.parse(stdout) as QueryAnswer;
  }

  test('each day of each account has its rows once', () => {
    const { rows } = answerTo('SELECT "date", account_id, count(*) AS n FROM principals GROUP BY ALL ORDER BY ALL');
    expect(rows).toHaveLength(DAYS * ACCOUNTS.length);
    expect(rows.map(({ n }) => n)).toEqual(days.flatMap((day) => ACCOUNTS.map(() => principalsOn(day))));
    expect([rows[0]?.date, rows.at(-1)?.date]).toEqual(['2025-10-24', '2026-11-27']);
  });

  test('a question as of an early day has the rows of its own days only', () => {
    const { rows, from, to } = answerTo('daily-trend', '--date', '2025-12-31');
    expect([from, to, rows.length]).toEqual(['2025-11-30', '2025-12-31', 31]);
    expect(rows.map(({ principals }) => principals)).toEqual(
      days.slice(38, 69).map((day) => principalsOn(day) * ACCOUNTS.length),
    );
  });

  test('each run is in the table of runs once for each account', () => {
    const sql = 'SELECT count(DISTINCT "date") AS days, count(DISTINCT run_id) AS runs FROM runs WHERE tables_written';
    expect(answerTo(sql).rows).toEqual([{ days: DAYS, runs: DAYS }]);
  });
});
