import {
  collectStatement,
  forAnalysis,
  periodParameters,
  questionStatement,
} from '../../../core/doctor/athena-statements.ts';
import { onOneLine, withViews } from '../../../core/doctor/query-text.ts';

test('views come before a question that has no WITH of its own', () => {
  expect(withViews([['a', 'SELECT 1']], 'SELECT * FROM a')).toBe('WITH a AS (\nSELECT 1\n)\nSELECT * FROM a');
});

test('a question’s own WITH continues the list of views, after its comments', () => {
  expect(
    withViews(
      [
        ['a', 'SELECT 1'],
        ['b', 'SELECT 2'],
      ],
      '-- Why.\nWITH c AS (SELECT 3)\nSELECT * FROM c',
    ),
  ).toBe('-- Why.\nWITH a AS (\nSELECT 1\n),\nb AS (\nSELECT 2\n),\nc AS (SELECT 3)\nSELECT * FROM c');
});

test('a statement on one line has no comments', () => {
  expect(onOneLine("-- Why.\nSELECT '-' -\n  -- More.\n\n  1\n")).toBe("SELECT '-' - 1");
  expect(() => onOneLine('SELECT 1 -- one\n, 2')).toThrow('A comment is not on a line of its own: -- one , 2');
});

test('rows are collected in one read of the logs, into a place of the analysis', () => {
  const statement = collectStatement({ trailTable: '"d"."cloudtrail"', recordsView: 'SELECT 1' }, 's3://b/rows/');
  expect(statement.match(/"d"."cloudtrail"/g)).toHaveLength(1);
  expect(forAnalysis(statement, 'x-1')).toContain("TO 's3://b/rows/x-1/'");
  expect(statement.match(/\?/g)).toHaveLength(4);
});

test('a question reads the rows of one analysis', () => {
  const statement = questionStatement('"d"."records"', 'SELECT * FROM records', 'SELECT count(*) FROM calls');
  expect(forAnalysis(statement, 'x-1')).toContain(`FROM "d"."records" WHERE analysis = 'x-1'`);
});

test.each(["x'--", 'X', '', 'a/b'])('%j is no ID of an analysis', (id) => {
  expect(() => forAnalysis('', id)).toThrow("The ID of an analysis can't be");
});

test('a period ends a day later in the folders, because files are delivered after the calls', () => {
  const at = (time: string): number => Date.parse(time) / 1000;
  expect(periodParameters({ from: at('2026-11-20T23:00:00Z'), to: at('2026-11-21T01:00:00Z') })).toEqual([
    "'2026/11/20'",
    "'2026/11/22'",
    '1795215600',
    '1795222800',
  ]);
});
