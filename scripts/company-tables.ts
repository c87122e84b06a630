import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditHistory } from '../cli/demo/company-history.ts';
import type { AnswerCell } from '../core/contract/answers/query.ts';
import { objects } from '../core/contract/objects.ts';
import { tableNames, type TableName } from '../core/contract/tables/tables.ts';
import { tableFiles } from '../core/tables/table-files.ts';
import { FolderStore } from '../local/folder-store.ts';
import { withAnswer } from '../local/tables/duckdb-tables.ts';
import { asOfDay, tableQueries, type TableQuery } from '../questions/table-queries.ts';

/** The last day of the audited history. */
export const LAST_DAY = '2026-11-27';
/** Before most changes of the company, and its last days. */
const DAYS_AGO = [21, 10, 1, 0];

/** Audits the demo's company on some days, in virtual time. The same results each time. */
export const auditCompany = (folder: string): Promise<void> =>
  auditHistory({
    folder,
    lastDay: Date.parse(`${LAST_DAY}T00:00:00Z`),
    daysAgo: DAYS_AGO,
    limit: { rate: 20, size: 20 },
    bystanderShare: 0,
    seed: 1,
    warn: (message) => {
      throw new Error(message);
    },
  });

export interface SampleAnswer extends TableQuery {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly AnswerCell[])[];
}

/** The answer of DuckDB to a statement over the tables of a folder, whose path has no special characters. */
export async function answerOf(folder: string, sql: string): Promise<Pick<SampleAnswer, 'columns' | 'rows'>> {
  const store = new FolderStore({ folder });
  const byTable = new Map<TableName, string[]>();
  for (const name of tableNames)
    byTable.set(
      name,
      (await tableFiles(store, name)).map(({ key }) => store.path(key)),
    );
  const temporaryFolder = await realpath(await mkdtemp(join(tmpdir(), 'iam-audit-duckdb-')));
  try {
    return await withAnswer(
      sql,
      { folder: join(store.bucket, objects.tables), temporaryFolder, byTable },
      Number.POSITIVE_INFINITY,
      async ({ columns, rows }) => {
        const all: (readonly AnswerCell[])[] = [];
        for await (const row of rows()) all.push(row);
        return { columns, rows: all };
      },
    );
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

/** The answers to all named questions as of the last day. */
export async function sampleAnswers(folder: string): Promise<SampleAnswer[]> {
  const answers: SampleAnswer[] = [];
  for (const question of tableQueries()) {
    answers.push({ ...question, ...(await answerOf(folder, asOfDay(question.sql, LAST_DAY))) });
  }
  return answers;
}
