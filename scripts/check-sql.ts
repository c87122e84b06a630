import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectSelect } from '../core/doctor/athena-statements.ts';
import { onOneLine } from '../core/doctor/query-text.ts';
import { athenaStatements } from '../questions/athena-statements.ts';
import { athenaRecordsView } from '../questions/doctor-queries.ts';
import { tableQueries } from '../questions/table-queries.ts';
import { runJava, trinoClassPath, TrinoUnavailable } from './trino-test/trino.ts';

/**
 * `npm run check:sql`: parses the doctor's statements for Athena, and the questions about the tables, with the parser of Trino. Needs Java 17 and Maven. Exits
 * with 1 if a statement is refused, or if the parser can't be had.
 */
const folder = await mkdtemp(join(tmpdir(), 'iam-audit-sql-'));
try {
  const classPath = await trinoClassPath('parser');
  const trailTable = '"doctor"."cloudtrail"';
  const { questions } = athenaStatements({ trailTable, recordsTable: '"doctor"."records"', location: 's3://bucket/' });
  // UNLOAD is Athena's own; Trino parses the SELECT in it.
  const statements = [
    ...questions,
    ...tableQueries().map(({ name, sql }) => [`tables-${name}`, sql] as const),
    ['collect', collectSelect({ trailTable, recordsView: athenaRecordsView() })] as const,
  ];
  // The workflow has two of them on one line.
  const onOneLines = statements
    .filter(([name]) => !name.startsWith('tables-'))
    .map(([name, text]) => [`${name}-on-one-line`, onOneLine(text)] as const);
  const files = [...statements, ...onOneLines].map(([name, text]) => ({ path: join(folder, `${name}.sql`), text }));
  for (const { path, text } of files) await writeFile(path, text);
  const { succeeded, output } = await runJava(
    classPath,
    'CheckSyntax',
    files.map(({ path }) => path),
  );
  process.stdout.write(succeeded ? `Trino parses all ${files.length} statements.\n` : `${output}\n`);
  process.exitCode = succeeded ? 0 : 1;
} catch (error: unknown) {
  if (!(error instanceof TrinoUnavailable)) throw error;
  process.stdout.write(`The SQL was not checked. ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
