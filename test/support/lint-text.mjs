// Lints text as the content of a file: node lint-text.mjs FILE < TEXT. Prints ESLint's messages as JSON.
import { ESLint } from 'eslint';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const [result] = await new ESLint().lintText(text, { filePath: process.argv[2] });
process.stdout.write(JSON.stringify(result.messages));
