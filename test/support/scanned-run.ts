import type { RunSummary } from '../../core/contract/run.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import { RunAccess } from '../../core/who/run-access.ts';
import { scanAcrossAccounts } from '../../core/scan/scan-account.ts';
import { writeScan } from '../../core/scan/write-scan.ts';
import { reportPage } from '../../report-app/built/page.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { NOW, scanned } from './scanned-case.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface ScannedRun {
  readonly store: ObjectStore;
  readonly folder: string;
  readonly run: RunSummary;
  readonly access: RunAccess;
}

/** The run of a scan of accounts in the format of `test/fixtures/cases`. */
export async function scannedRun(...accounts: readonly unknown[]): Promise<ScannedRun> {
  const folder = temporaryFolder('scanned-run');
  const store = new FolderStore({ folder });
  const results = await Promise.all(accounts.map((account) => scanned(account)));
  const run = await writeScan(
    store,
    '20261127T000000Z-abcdef',
    results,
    await scanAcrossAccounts(results),
    NOW,
    reportPage,
  );
  return { store, folder, run, access: new RunAccess(store, run) };
}
