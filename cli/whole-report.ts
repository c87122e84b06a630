import Papa from 'papaparse';
import { totalOf } from '../core/summary/findings/run-findings.ts';
import { readRun } from '../core/objects/stored-runs.ts';
import { unlessDamaged } from '../core/ports/stored-objects.ts';
import { DamagedObject, type ObjectStore } from '../core/ports/store.ts';
import { say } from './output.ts';

interface StoredReport {
  readonly key: string;
  readonly format: 'html' | 'csv' | 'json';
  readonly text: string;
}

/** @throws DamagedObject if what would be printed is not all that the run wrote */
export async function expectWhole(
  store: ObjectStore,
  runId: string,
  { key, format, text }: StoredReport,
): Promise<void> {
  if (text.includes('\0')) throw new DamagedObject(key, 'it has characters that no run writes');
  if (format === 'html') {
    if (!text.trimEnd().endsWith('</html>')) throw new DamagedObject(key, 'it ends too early');
    return;
  }
  if (format === 'json') {
    // It parses the object.
    await readRun(store, runId);
    return;
  }
  const run = await unlessDamaged(
    () => readRun(store, runId),
    null,
    ({ message }) => {
      say(`${message} So it is not known whether ${key} has all its rows.`);
    },
  );
  if (run?.findings === undefined) return;
  const expected = totalOf(run.findings);
  const rows = Papa.parse(text.trimEnd()).data.length - 1;
  if (rows !== expected || !text.endsWith('\n')) {
    throw new DamagedObject(key, `it has ${Math.max(rows, 0)} rows, but its run wrote ${expected}`);
  }
}
