import { readdirSync, readFileSync } from 'node:fs';
import { defaultThresholds } from '../../core/doctor/thresholds.ts';
import { athenaRecordsView, callsView, doctorQueries } from '../../questions/doctor-queries.ts';

/** Functions that DuckDB and Athena have with the same meaning. */
const sharedFunctions = [
  'avg',
  'cast',
  'coalesce',
  'count',
  'lag',
  'lead',
  'lower',
  'max',
  'min',
  'mod',
  'nullif',
  'row_number',
  'split_part',
  'sum',
];
/** The view over Athena's table needs these too. All exist since the first engine version of Athena. */
const athenaFunctions = [
  ...sharedFunctions,
  ...['floor', 'from_iso8601_timestamp', 'json_extract', 'json_extract_scalar', 'json_format', 'md5', 'regexp_like'],
  ...['regexp_replace', 'substr', 'to_hex', 'to_unixtime', 'to_utf8', 'try'],
];
/** Keywords that come before a parenthesis without being functions. */
const keywords = [
  'and',
  'as',
  'by',
  'else',
  'from',
  'in',
  'not',
  'on',
  'or',
  'over',
  't',
  'then',
  'values',
  'when',
  'where',
];

/** What one of the engines does not have, or reads in another way. */
const refused: readonly [name: string, pattern: RegExp][] = [
  ['QUALIFY', /\bqualify\b/i],
  ['SELECT * EXCLUDE, REPLACE or EXCEPT', /\*\s*(exclude|replace|except)\b/i],
  ['GROUP BY ALL or ORDER BY ALL', /\bby\s+all\b/i],
  ['a join with USING', /\busing\s*\(/i],
  ['a filter of an aggregate', /\bfilter\s*\(/i],
  ['a fraction without an exponent, which is a decimal in Trino', /(?<![\w.'])\d*\.\d+(?!\d*e)/i],
  ['a cast with ::', /::/],
  ['a timestamp, date or interval', /\b(timestamp|interval|date)\b/i],
  ['division of whole numbers', /\/ *\d+\b(?!e)/],
  ['a table that is not a view', /\b(read_json|read_parquet|unnest)\b/i],
  ['a second statement', /;/],
];

const withoutTexts = (sql: string): string => sql.replaceAll(/--.*$/gm, '').replaceAll(/'[^']*'/g, "''");
const functionsOf = (sql: string): string[] => [
  ...new Set([...withoutTexts(sql).matchAll(/\b([a-z_]\w*)\s*\(/gi)].map(([, name = '']) => name.toLowerCase())),
];

const shared: [string, string][] = [['calls', callsView()], ...doctorQueries(defaultThresholds)];

describe.each(shared)('%s', (_, sql) => {
  test('uses only functions with the same meaning in both engines', () => {
    expect(functionsOf(sql).filter((name) => ![...sharedFunctions, ...keywords].includes(name))).toEqual([]);
  });

  test('has nothing that one of the engines refuses or reads in another way', () => {
    expect(refused.filter(([, pattern]) => pattern.test(withoutTexts(sql))).map(([name]) => name)).toEqual([]);
  });

  test('has all its parts filled in', () => {
    expect(sql).not.toMatch(/\{\{|\}\}/);
  });

  test('does not give a name of a view to another one', () => {
    expect(sql).not.toMatch(/\b(records|calls|cloudtrail) AS \(/);
  });
});

test('which operations have a limit of their own is written once', () => {
  const files = readdirSync('questions/doctor').map((name) => readFileSync(`questions/doctor/${name}`, 'utf8'));
  expect(files.join('').split('{{ownLimitCalls}}')).toHaveLength(2);
});

test('the view over Athena’s table uses only functions that Athena has', () => {
  expect(functionsOf(athenaRecordsView()).filter((name) => ![...athenaFunctions, ...keywords].includes(name))).toEqual(
    [],
  );
});

test.each([
  ['SELECT epoch(sec) FROM calls', ['epoch']],
  ["SELECT 'epoch(x)' -- regexp_extract(y)\nFROM calls WHERE operation IN ('a')", []],
])('functions are found in %j', (sql, found) => {
  expect(functionsOf(sql).filter((name) => ![...sharedFunctions, ...keywords].includes(name))).toEqual(found);
});

test.each([
  '3 * 100.0 / 7',
  'sum(x) / 60',
  'sec::BIGINT',
  'SELECT * EXCLUDE (a)',
  'GROUP BY ALL',
  'JOIN a USING (b)',
  'sec + INTERVAL 1 DAY',
])('%j is refused', (sql) => {
  expect(refused.some(([, pattern]) => pattern.test(withoutTexts(sql)))).toBe(true);
});
