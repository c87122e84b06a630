import pLimit from 'p-limit';
import { objects } from '../contract/objects.ts';
import type { AccountSummary, RunSummary } from '../contract/run.ts';
import { tables, type TableRow } from '../contract/tables/tables.ts';
import type { ObjectStore } from '../ports/store.ts';
import { dateOfRun } from './date-of-run.ts';
import { TableWriter } from './table-writer.ts';

/** S3 writes an object in about 30 ms, so an organization of 10,000 accounts takes about 10 s. */
const WRITES_AT_ONCE = 32;

/** Writes the rows of a finished run, one file for each account. Safe to repeat. @throws StoreError */
export async function writeRunRows(
  store: ObjectStore,
  run: RunSummary,
  summaries: readonly AccountSummary[],
): Promise<void> {
  const written = new Set(summaries.flatMap(({ accountId, tablesWritten }) => (tablesWritten ? [accountId] : [])));
  const date = dateOfRun(run.runId);
  const limit = pLimit(WRITES_AT_ONCE);
  await Promise.all(
    run.accounts.map((account) =>
      limit(async () => {
        const keyOf = (): string => objects.runsFile(date, account.accountId, run.runId);
        const writer = new TableWriter(store, tables.runs.columns, keyOf);
        await writer.add(rowOf(run, account, written.has(account.accountId)));
        await writer.end();
      }),
    ),
  );
}

const rowOf = (run: RunSummary, account: RunSummary['accounts'][number], tablesWritten: boolean): TableRow<'runs'> => ({
  run_id: run.runId,
  account_id: account.accountId,
  account_name: account.name ?? null,
  account_path: account.path ?? null,
  status: account.status,
  error_code: account.error?.code ?? null,
  error_message: account.error?.message ?? null,
  tables_written: tablesWritten,
  principals: account.principals.total,
  principals_complete: account.principals.complete,
  principals_partial: account.principals.partial,
  principals_failed: account.principals.failed,
  principals_carried: account.principals.carriedForward,
  calls: account.calls?.sent ?? null,
  calls_throttled: account.calls?.throttled ?? null,
  duration_seconds: account.durationSeconds ?? null,
  run_status: run.status,
  run_started_at: run.startedAt,
  run_finished_at: run.finishedAt,
  run_accounts: run.accounts.length,
  run_cost: run.cost.total,
});
