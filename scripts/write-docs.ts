/** Writes the pages and JSON Schemas of docs/ that are generated from the code: `npm run docs`. */
import { writeFile } from 'node:fs/promises';
import { costPage } from './cost-page.ts';
import { dependenciesPage } from './dependencies/dependencies-page.ts';
import { jsonSchemaDocs } from './json-schemas/json-schemas.ts';
import { referenceDocs } from './reference-docs.ts';

const pages = {
  ...referenceDocs(),
  ...jsonSchemaDocs(),
  'cost.md': await costPage(),
  'dependencies.md': dependenciesPage(),
};
for (const [name, text] of Object.entries(pages)) {
  await writeFile(new URL(`../docs/${name}`, import.meta.url), text);
}
