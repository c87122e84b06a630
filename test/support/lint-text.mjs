// Lints text as the content of a file: node lint-text.mjs FILE < TEXT. Prints ESLint's messages as JSON.
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

let text = '';
for await (const chunk of process.stdin) text += chunk;
// Rules with type information are off, because they need an existing file.
const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });
const [result] = await eslint.lintText(text, { filePath: process.argv[2] });
process.stdout.write(JSON.stringify(result.messages));
