/** Writes docs/tables.md: `npm run docs:tables`. Needs DuckDB, and audits the demo's company in virtual time. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditCompany, sampleAnswers } from './company-tables.ts';
import { tablesPage } from './table-docs.ts';

const folder = await mkdtemp(join(tmpdir(), 'iam-audit-tables-'));
try {
  await auditCompany(folder);
  await writeFile(new URL('../docs/tables.md', import.meta.url), tablesPage(await sampleAnswers(folder)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
