import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRecord } from '../../core/doctor/records/project-record.ts';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { DuckDbQueries } from '../../local/log-analysis/duckdb-queries.ts';
import { record } from '../support/log-records.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The number of calls that the questions see in these records. */
async function callsOf(records: readonly unknown[]): Promise<unknown> {
  const rowsFolder = temporaryFolder('calls');
  const rows = records.map((each) => {
    const projection = projectRecord(each);
    return projection.kind === 'row' ? `${JSON.stringify(projection.row)}\n` : '';
  });
  writeFileSync(join(rowsFolder, 'rows.ndjson'), rows.join(''));
  const queries = await DuckDbQueries.load({ rowsFolder, thresholds: defaultThresholds, memoryMegabytes: 100 });
  const [totals] = await queries.ask('totals');
  queries.close();
  return totals?.calls;
}

test.each([
  ['the same record twice is one call', [record('a'), record('a')], 1],
  [
    'the records of both accounts are one call',
    [record('a', { sharedEventID: 's' }), record('b', { sharedEventID: 's' })],
    1,
  ],
  ['records without an ID are calls of their own', [record('', {}), record('', {}), record('a')], 3],
  [
    'records without any field for an ID are calls of their own',
    [record('a', { eventID: undefined }), record('a', { eventID: undefined })],
    2,
  ],
  [
    'an empty shared ID does not join records',
    [record('a', { sharedEventID: '' }), record('b', { sharedEventID: '' })],
    2,
  ],
  [
    'a shared ID is sufficient to recognise a call',
    [record('', { sharedEventID: 's' }), record('b', { sharedEventID: 's' })],
    1,
  ],
])('%s', async (_, records, calls) => {
  expect(await callsOf(records)).toBe(calls);
});
