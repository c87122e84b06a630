import { cloudTrailColumns } from '../../core/doctor/records/cloudtrail-table.ts';
import { athenaLine, createCloudTrailTable } from '../../scripts/trino-test/athena-lines.ts';
import { differences, partitionDifferences } from '../../scripts/trino-test/compare.ts';
import { generateLogs } from '../../scripts/trino-test/generate-logs.ts';

describe('rows of two engines', () => {
  test('are equal in another order, and if fractions differ by rounding', () => {
    const duck = [
      { caller: 'a', share: 1 / 3 },
      { caller: 'a', share: 2 / 3 },
      { caller: 'b', share: null },
    ];
    const trino = [
      { caller: 'b', share: null },
      { caller: 'a', share: 0.6666666667 },
      { caller: 'a', share: 0.3333333333 },
    ];
    expect(differences(duck, trino)).toEqual([]);
  });

  test.each([
    ['a number', [{ n: 1 }], [{ n: 2 }]],
    ['a fraction that is rounded to one decimal', [{ n: 0.75 }], [{ n: 0.7 }]],
    ['a missing value', [{ n: null }], [{ n: '' }]],
    ['a column', [{ n: 1 }], [{ n: 1, m: 1 }]],
    ['a row', [{ n: 1 }], []],
  ])('differ by %s', (_, duck, trino) => {
    expect(differences(duck, trino)).toHaveLength(1);
  });

  test('may have other keys, if the same rows have equal ones', () => {
    expect(partitionDifferences(['a', 'b', 'a', null], [1, 2, 1, null])).toEqual([]);
    expect(partitionDifferences(['a', 'b'], [1, 1])).toHaveLength(1);
    expect(partitionDifferences(['a', 'a'], [1, 2])).toHaveLength(1);
    expect(partitionDifferences([null], [1])).toHaveLength(1);
  });
});

test('the generated logs are the same for the same seed, and have at least 1,500 records', () => {
  const events = generateLogs(5);
  expect(events.length).toBeGreaterThan(1_500);
  expect(JSON.stringify(generateLogs(5))).toBe(JSON.stringify(events));
});

test('the table for Trino has the columns of Athena’s table, and lines have their names', () => {
  const statement = createCloudTrailTable();
  for (const column of Object.keys(cloudTrailColumns)) expect(statement).toContain(`"${column}" `);
  expect(athenaLine({ userIdentity: { accessKeyId: 'A' }, requestParameters: { roleName: 'r' } }, 0)).toBe(
    '{"useridentity":"{\\"accessKeyId\\":\\"A\\"}","requestparameters":"{\\"roleName\\":\\"r\\"}"}',
  );
});

test('an identity that is one text stays that text', () => {
  expect(athenaLine({ userIdentity: 'anonymous' }, 0)).toBe('{"useridentity":"anonymous"}');
});
