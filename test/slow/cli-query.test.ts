import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditHistory } from '../../cli/demo/company-history.ts';
import type { QueryAnswer, QueryList } from '../../core/contract/answers/query.ts';
import { objects } from '../../core/contract/objects.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { tableQueryNames } from '../../questions/table-queries.ts';
import { COMMAND_LINE } from '../support/command-line-bundle.ts';
import { expectSchema } from '../support/json-schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

jest.setTimeout(60_000);

const root = join(__dirname, '../..');
// A folder whose name has characters of patterns and quotes.
const folder = join(temporaryFolder('query'), `it's [a] *folder`);
const ACCOUNT = '210987654321';
const TODAY = '2026-11-27';
const EARLIER = '2026-11-06';

beforeAll(async () => {
  mkdirSync(folder);
  await auditHistory({
    ...{ folder, lastDay: Date.parse('2026-11-27T00:00:00Z'), daysAgo: [21, 1, 0], bystanderShare: 0, seed: 1 },
    ...{ limit: { rate: 20, size: 20 }, warn: () => undefined },
  });
}, 60_000);

const query = (...args: string[]) =>
  spawnSync(process.execPath, [COMMAND_LINE, 'query', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' },
    maxBuffer: 64 * 1024 * 1024,
  });
const ask = (...args: string[]) => query('--out', folder, ...args);

function answerOf(...args: string[]): QueryAnswer {
  const { stdout, stderr, status } = ask(...args, '--json');
  expect([stderr, status]).toEqual([expect.any(String), 0]);
  const answer = JSON.parse(stdout) as QueryAnswer;
  expectSchema('query', answer);
  return answer;
}

test('without a question, the questions are listed', () => {
  const list = query();
  expect([list.status, list.stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^NAME +QUESTION$/)]);
  for (const name of tableQueryNames) expect(list.stdout).toMatch(new RegExp(`^${name} .*\\?$`, 'm'));
  const json = JSON.parse(query('--json').stdout) as QueryList;
  expectSchema('query-list', json);
  expect(json.questions.map(({ name }) => name)).toEqual([...tableQueryNames]);
});

test('a named question is answered as of the last day with a run, or as of another day', () => {
  const today = answerOf('daily-trend');
  expect([today.day, today.from, today.to]).toEqual([TODAY, EARLIER, TODAY]);
  expect(today.rows.map(({ date }) => date)).toEqual([EARLIER, '2026-11-26', TODAY]);
  const earlier = answerOf('daily-trend', '--date', EARLIER);
  expect([earlier.day, earlier.rows.map(({ date }) => date)]).toEqual([EARLIER, [EARLIER]]);
});

test('a statement that takes longer than allowed is stopped with exit code 1', () => {
  // It would count ten million times ten million rows.
  const endless = 'SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3';
  const { stdout, stderr, status } = ask(endless, '--timeout', '1');
  expect([stdout, status]).toEqual(['', 1]);
  expect(stderr).toContain(
    'The query was stopped after 1 s. Ask for fewer days or rows, or allow more time with --timeout',
  );
  const wrong = ask(endless, '--timeout', '0');
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('It must be at least 1.')]);
});

test('whole numbers are numbers, in JSON and CSV', () => {
  const [row] = answerOf('findings-by-account').rows;
  expect([row?.account_id, typeof row?.critical]).toEqual([ACCOUNT, 'number']);
  const [header = '', line = ''] = ask('findings-by-account', '--format', 'csv')
    .stdout.split('\r\n')
    .join('\n')
    .split('\n');
  expect(header).toBe('account_id,critical,high,medium,low,suppressed,oldest');
  expect(line).toMatch(/^210987654321,\d+,\d+,\d+,\d+,\d+,2026-11-06$/);
});

test('a text from AWS is neither a formula in CSV nor an escape sequence on a terminal', () => {
  const sql = `SELECT '=1+1' AS a, '@x' AS b, '-2+3' AS c, -5 AS d, chr(27) || '[31m' AS e`;
  expect(ask(sql, '--format', 'csv').stdout).toBe(`a,b,c,d,e\n"'=1+1","'@x","'-2+3",-5,\ufffd[31m\n`);
  const shown = ask(sql).stdout;
  expect(shown).toContain(String.raw`\x1b[31m`);
  expect(shown).not.toContain('\u001b[31m');
});

test.each([
  ['a name with a mistake', ['adminstrators'], /There is no question adminstrators\. Did you mean administrators\?/],
  [
    'a name with a mistake far from all',
    ['nothing-like-it'],
    /There is no question nothing-like-it\. List the questions/,
  ],
  ['a mistake in SQL', ['SELEC 1'], /^Parser Error: syntax error at or near "SELEC"\nLINE 1: SELEC 1\n {8}\^/],
  ['a column that does not exist', ['SELECT nme FROM principals'], /"nme" not found[^]*"name"[^]*docs\/tables\.md/],
  ['a table that does not exist', ['SELECT 1 FROM principal'], /Did you mean "principals"\?/],
  ['two statements', ['SELECT 1; SELECT 2'], /Give one statement/],
  ['another statement', ['CREATE TABLE a (b INT)'], /Only a SELECT is possible/],
  ['a setting', ['SET threads = 1'], /Only a SELECT is possible/],
  ['a date with SQL', ['SELECT 1', '--date', TODAY], /--date is only for a named question/],
  ['a first day with a question', ['administrators', '--since', TODAY], /--since is only for SQL/],
  ['a date that is none', ['administrators', '--date', 'yesterday'], /It must be a day such as 2026-11-23/],
  ['a day that is none', ['administrators', '--date', '2026-02-30'], /It must be a day such as 2026-11-23/],
  [
    'a date before the history',
    ['administrators', '--date', '2026-10-01'],
    /^No run on 2026-10-01 or within 7 days before that day: the history is 2026-11-06 to 2026-11-27\.$/m,
  ],
  [
    'a date after the history',
    ['daily-trend', '--date', '2027-10-01'],
    /or within 30 days before that day: the history/,
  ],
  ['a date in a gap', ['administrators', '--date', '2026-11-20'], /No run on 2026-11-20 or within 7 days before/],
  [
    'a first day after the history',
    ['SELECT count(*) FROM findings', '--since', '2026-11-28'],
    /^No run on 2026-11-28 or later: the history is 2026-11-06 to 2026-11-27\.$/m,
  ],
])('%s is refused with exit code 2', (_, args, message) => {
  const { status, stderr, stdout } = ask(...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

test.each([
  ['another file', `SELECT * FROM read_text('/etc/hostname')`],
  ['another file of the results', `SELECT * FROM read_json('${folder.replaceAll("'", "''")}/latest.json')`],
  ['the network', `SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')`],
  ['a file by its name', `SELECT * FROM '/etc/passwd.csv'`],
  ['writing', `COPY (SELECT 1) TO '${folder.replaceAll("'", "''")}/tables/x.csv'`],
  ['an extension', 'INSTALL httpfs'],
])('SQL can’t use %s', (_, sql) => {
  const { status, stderr } = ask(sql);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/Permission Error|Only a SELECT/)]);
  expect(() => readFileSync(join(folder, 'tables/x.csv'))).toThrow();
});

test('the columns of a table can be asked for, and --since limits the days', () => {
  expect(answerOf('DESCRIBE runs').rows.map(({ column_name }) => column_name)).toContain('tables_written');
  const days = (...args: string[]) => answerOf('SELECT count(DISTINCT "date") AS days FROM runs', ...args).rows;
  expect(days()).toEqual([{ days: 3 }]);
  expect(days('--since', '2026-11-26')).toEqual([{ days: 2 }]);
});

test.each(['-- how many?\nSELECT 1 AS a', '--how\nDESCRIBE runs', '/* how many? */ SELECT 1 AS a'])(
  'SQL can begin with a comment: %j',
  (sql) => {
    expect(answerOf(sql).sql).toBe(sql);
  },
);

test('SQL can be given on standard input', () => {
  const asked = (input: string) =>
    spawnSync(process.execPath, [COMMAND_LINE, 'query', '-', '--out', folder, '--format', 'csv'], {
      cwd: root,
      encoding: 'utf8',
      input,
    });
  const { status, stdout } = asked('-- how many?\nSELECT 1 AS a;\n');
  expect([status, stdout]).toEqual([0, 'a\n1\n']);
  const empty = asked('\n');
  expect([empty.status, empty.stderr]).toEqual([2, expect.stringContaining('There is no SQL on standard input.')]);
});

test.each(['daily-trend', 'SELECT * FROM range(200000)'])('the reader of %j may close the pipe early', (asked) => {
  const command = `"$0" "$1" query "$2" --out "$3" | head -1; exit \${PIPESTATUS[0]}`;
  const { status, stderr } = spawnSync('bash', ['-c', command, process.execPath, COMMAND_LINE, asked, folder], {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, expect.not.stringMatching(/await|EPIPE/)]);
});

test('a folder without tables is told', () => {
  const { status, stderr } = query('--out', temporaryFolder('empty'), 'administrators');
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^There are no tables in /)]);
});

test('without DuckDB, a message says how to install it', () => {
  const hooks = join(temporaryFolder('hooks'), 'hooks.mjs');
  writeFileSync(
    hooks,
    `import { register } from 'node:module';
     if (!process.env.IN_HOOK) { process.env.IN_HOOK = '1'; register(import.meta.url); }
     export async function resolve(name, context, next) {
       if (!name.startsWith('@duckdb')) return next(name, context);
       throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
     }`,
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', hooks, COMMAND_LINE, 'query', 'administrators', '--out', folder],
    { cwd: root, encoding: 'utf8' },
  );
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain('DuckDB (the optional package @duckdb/node-api) is not installed');
  expect(stderr).not.toContain('As of');
});

test('a damaged file is named, and the other days still answer', () => {
  const store = new FolderStore({ folder });
  const count = 'SELECT "date", count(DISTINCT run_id || name) AS n FROM principals GROUP BY "date" ORDER BY "date"';
  const key = objects.tableFile('principals', EARLIER, ACCOUNT, 0);
  const original = readFileSync(store.path(key));
  // The ends are sound, and the metadata is not.
  const badMetadata = [Buffer.from('PAR1'), Buffer.alloc(80, 7), Buffer.from([40, 0, 0, 0]), Buffer.from('PAR1')];
  const damages: readonly (readonly [Buffer, RegExp])[] = [
    [original.subarray(0, 500), /it is cut off/],
    [Buffer.alloc(0), /it is empty/],
    [Buffer.from('{"not": "Parquet"}'), /it is not a Parquet file/],
    [Buffer.from(original).fill(255, 200, 3_000), /can't be read: /],
    [Buffer.concat(badMetadata), /can't be read: /],
  ];
  for (const [damaged, reason] of damages) {
    writeFileSync(store.path(key), damaged);
    const { status, stdout, stderr } = ask(count, '--json');
    writeFileSync(store.path(key), original);
    expect([status, stderr]).toEqual([3, expect.stringContaining(key)]);
    expect(stderr).toMatch(reason);
    const answer = JSON.parse(stdout) as QueryAnswer;
    expectSchema('query', answer);
    expect(answer.rows.map(({ date }) => date)).toEqual(['2026-11-26', TODAY]);
    expect(answer.unreadable.map((file) => file.key)).toEqual([key]);
  }
});

test.each([
  ['resolved-findings', 'findings'],
  ['new-principals', 'principals'],
  ['SELECT count(*) AS n FROM service_access', 'service_access'],
] as const)('%s: rows that are missing, although a run wrote them, are named', (asked, table) => {
  const store = new FolderStore({ folder });
  const key = objects.tableFile(table, TODAY, ACCOUNT, 0);
  const original = readFileSync(store.path(key));
  rmSync(store.path(key));
  const { status, stdout, stderr } = ask(asked, '--json');
  writeFileSync(store.path(key), original);
  expect(status).toBe(3);
  expect(stderr).toContain(`Table ${table}, account ${ACCOUNT}, day ${TODAY}: ${key} can't be read: it is missing`);
  expect(stderr).toContain('the answer may have wrong rows');
  const answer = JSON.parse(stdout) as QueryAnswer;
  expectSchema('query', answer);
  expect(answer.unreadable.map((file) => file.key)).toEqual([key]);
  expect(answer.unreadable[0]?.reason).toMatch(/^it is missing, and run \S+ wrote it$/);
});

test('rows of a run that is in progress are not taken for missing rows', () => {
  const store = new FolderStore({ folder });
  const key = objects.tableFile('principals', TODAY, ACCOUNT, 0);
  const original = readFileSync(store.path(key));
  const other = objects.tableFile('principals', '2026-11-26', ACCOUNT, 0);
  copyFileSync(store.path(other), store.path(key));
  const inProgress = ask('administrators');
  writeFileSync(store.path(key), original);
  expect([inProgress.status, inProgress.stderr]).toEqual([0, expect.not.stringContaining('wrong rows')]);
});

test('a missing day that a question does not read is not named', () => {
  const store = new FolderStore({ folder });
  const key = objects.tableFile('principals', EARLIER, ACCOUNT, 0);
  const original = readFileSync(store.path(key));
  rmSync(store.path(key));
  const [now, trend] = [ask('administrators'), ask('daily-trend')];
  writeFileSync(store.path(key), original);
  expect([now.status, trend.status]).toEqual([0, 3]);
  expect(trend.stderr).toContain(key);
});
