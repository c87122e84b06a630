import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(__dirname, '../..');

/** The rules that .oxlintrc.json finds broken in a file of this name with this text. */
function brokenRules(file: string, text: string): string[] {
  const folder = temporaryFolder('lint-rules');
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "target": "ES2022" } }');
  mkdirSync(join(folder, file, '..'), { recursive: true });
  writeFileSync(join(folder, file), text);
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], { cwd: folder });
  const { diagnostics } = JSON.parse(stdout.toString()) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code.replace(/^.*\((.*)\)$/, '$1')).sort();
}

test.each([
  ['no-explicit-any', 'export const list: any[] = [];'],
  ['consistent-type-assertions', 'export const word = (value: unknown) => value as string;'],
  ['no-floating-promises', 'export function start(): void { Promise.resolve(); }'],
  ['switch-exhaustiveness-check', "export function of(side: 'a' | 'b'): void { switch (side) { case 'a': break; } }"],
  ['no-unsafe-return', 'export const read = (text: string): string => JSON.parse(text);'],
  ['no-console', "console.log('text');"],
])('lint refuses what breaks %s', (rule, text) => {
  expect(brokenRules('core/scratch.ts', text)).toEqual([rule]);
});

test('lint accepts a type assertion in a test', () => {
  expect(brokenRules('test/scratch.ts', 'export const word = (value: unknown) => value as string;')).toEqual([]);
});
