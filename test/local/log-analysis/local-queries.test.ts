import { join } from 'node:path';
import { rowOf } from '../../../core/doctor/athena-rows.ts';
import { forAnalysis, periodParameters } from '../../../core/doctor/athena-statements.ts';
import { defaultThresholds } from '../../../core/doctor/thresholds.ts';
import { logQueryNames, type LogRow } from '../../../core/ports/log-queries.ts';
import { THROTTLED, type RecordedCall } from '../../../local/emulated-aws/cloudtrail/recorded-call.ts';
import { TrailFiles } from '../../../local/emulated-aws/cloudtrail/trail-files.ts';
import { userAgents } from '../../../local/emulated-aws/cloudtrail/user-agents.ts';
import { DuckDbQueries } from '../../../local/log-analysis/duckdb-queries.ts';
import { FolderLogFiles } from '../../../local/log-analysis/folder-log-files.ts';
import { LocalQueries } from '../../../local/log-analysis/local-queries.ts';
import { readLogs } from '../../../local/log-analysis/read-logs.ts';
import { seededRandom } from '../../../local/seeded-random.ts';
import { athenaStatements } from '../../../questions/athena-statements.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const period = { from: START / 1_000, to: START / 1_000 + 600 };
const { collect, questions } = athenaStatements({
  trailTable: '"d"."t"',
  recordsTable: '"d"."r"',
  location: 's3://results/doctor/rows/',
});

let folder = '';
let queries: LocalQueries;
beforeEach(async () => {
  folder = temporaryFolder('queries');
  const trail = new TrailFiles({ random: seededRandom(1) });
  for (let n = 0; n < 600; n += 1) trail.add(call(n));
  const logs = join(folder, 'logs');
  await trail.write(logs);
  queries = new LocalQueries({ folder: join(folder, 'analyses'), logs: async () => new FolderLogFiles(logs) });
});

/** One of three roles; every seventh call is throttled. */
function call(n: number): RecordedCall {
  const name = ['scanner', 'scanner', 'web', 'iam-audit-member'][n % 4] ?? '';
  const account = { accountId: '111122223333' };
  return {
    atMs: START + 500 * n,
    service: 'iam',
    operation: 'GetRole',
    parameters: { roleName: `r${n}` },
    caller: {
      kind: 'session',
      ...account,
      roleArn: `arn:aws:iam::111122223333:role/${name}`,
      roleId: `AROA${name}`,
      sessionName: 's',
      accessKeyId: `ASIA${name}`,
      issuedAtMs: START,
    },
    error: n % 7 === 0 ? THROTTLED : null,
    region: 'us-east-1',
    endpoint: 'regional',
    userAgent: name === 'iam-audit-member' ? `${userAgents.jsStandard} iam-audit` : userAgents.botocoreLegacy,
    ip: '203.0.113.1',
    hostHeader: 'iam.amazonaws.com',
  };
}

/** DuckDB's threads add fractions in any order, so that a difference of 0 may be slightly negative. */
const rounded = (row: LogRow): LogRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toFixed(9)) + 0 : value,
    ]),
  );

const runCollect = () => queries.run(forAnalysis(collect, 'run-1'), periodParameters(period));

test('each question has the same rows through the workflow’s statements as from DuckDB alone', async () => {
  const { scannedBytes } = await runCollect();
  expect(scannedBytes).toBeGreaterThan(10_000);
  const rowsFolder = join(folder, 'rows');
  const [since, until] = [period.from, period.to];
  await readLogs({ source: new FolderLogFiles(join(folder, 'logs')), rowsFolder, since, until, workers: 0 });
  const direct = await DuckDbQueries.load({ rowsFolder, thresholds: defaultThresholds, memoryMegabytes: 300 });
  for (const name of logQueryNames) {
    const { id } = await queries.run(forAnalysis(questions.get(name)!, 'run-1'), []);
    const { resultSet, isPart } = queries.read(id, 1_000);
    const columns = resultSet.ResultSetMetadata.ColumnInfo;
    const rows: LogRow[] = resultSet.Rows.slice(1).map((row) => rowOf(name, columns, row));
    expect([name, rows.map(rounded), isPart]).toEqual([name, (await direct.ask(name)).map(rounded), false]);
  }
  const callers = await direct.ask('callers');
  expect(callers.map(({ caller, audit_calls }) => [String(caller).split('/')[1], audit_calls]).sort()).toEqual([
    ['iam-audit-member', 150],
    ['scanner', 0],
    ['web', 0],
  ]);
  direct.close();
});

test('an answer is read up to a number of rows, with the names of its columns', async () => {
  await runCollect();
  const { id } = await queries.run(forAnalysis(questions.get('callers')!, 'run-1'), []);
  const { resultSet, isPart } = queries.read(id, 2);
  expect([resultSet.Rows.length, isPart, queries.read(id, 4).isPart]).toEqual([2, true, false]);
  expect(resultSet.Rows[0]?.Data[0]).toEqual({ VarCharValue: 'pool' });
});

test('as in Athena, rows are not collected twice, and other statements fail', async () => {
  await runCollect();
  await expect(runCollect()).rejects.toThrow('must be empty');
  await expect(queries.run('SELECT 1', [])).rejects.toThrow('not known');
  expect(() => queries.read('query-9', 1)).toThrow('no answer');
});
