import { DuckDBInstance } from '@duckdb/node-api';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRecord } from '../../../../core/doctor/records/project-record.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const record = (more: Readonly<Record<string, unknown>>): unknown => ({
  eventID: 'id',
  eventTime: '2026-11-20T10:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'GetRole',
  userIdentity: { type: 'IAMUser' },
  ...more,
});

const LONE = '\ud83d';

test.each([
  ['a user agent that is cut within a character', { userAgent: `${'x'.repeat(499)}😀` }, `${'x'.repeat(499)}😀`],
  ['a user agent with half a character', { userAgent: `a${LONE}b` }, 'a\ufffdb'],
])('%s is well-formed text in the row', (_, more, userAgent) => {
  expect(projectRecord(record(more))).toMatchObject({ kind: 'row', row: { user_agent: userAgent } });
});

test('DuckDB reads rows of records with half characters in any text', async () => {
  const parameters = {
    roleName: LONE,
    roleArn: LONE,
    roleSessionName: LONE,
    policy: `${'x'.repeat(31)}😀${'x'.repeat(99)}`,
  };
  const projection = projectRecord(
    record({
      eventID: LONE,
      eventName: LONE,
      errorMessage: LONE,
      requestParameters: parameters,
      userIdentity: { arn: LONE },
    }),
  );
  const row = projection.kind === 'row' ? projection.row : null;
  const file = join(temporaryFolder('rows'), 'rows.ndjson');
  writeFileSync(file, `${JSON.stringify(row)}\n`);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FROM read_json('${file}', format = 'newline_delimited')`,
  );
  expect(reader.getRows()).toEqual([[1n]]);
});
