/** Writes the pages of docs/ that are generated from the code: `npm run docs`. */
import { writeFile } from 'node:fs/promises';
import { referenceDocs } from './reference-docs.ts';

for (const [name, text] of Object.entries(referenceDocs())) {
  await writeFile(new URL(`../docs/${name}`, import.meta.url), text);
}
