import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(__dirname, '../..');

/** Messages of lint for a file with this text. */
function lint(file: string, text: string): string[] {
  const printed = execFileSync('node', ['test/support/lint-text.mjs', file], { cwd: root, input: text }).toString();
  return (JSON.parse(printed) as { message: string }[]).map(({ message }) => message);
}

const files = readdirSync(join(root, 'core'), { recursive: true })
  .map((file) => join('core', String(file)))
  .filter((file) => file.endsWith('.ts'));

/** Folders of core/ that the file imports, without its own. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)]
    .map(([, path = '']) => dirname(normalize(join(dirname(file), path))))
    .filter((folder) => folder !== dirname(file));
}

test('lint refuses an import of a folder above, and says where the code belongs', () => {
  const [message] = lint(
    'core/streams/scratch.ts',
    "import { claimRun } from '../run/claim.ts';\nexport const claim = claimRun;\n",
  );
  expect(message).toContain(
    'core/streams is below core/run and must not know it: code that needs both belongs in core/run',
  );
});

test('lint accepts an import of a folder below', () => {
  const text = "import { isGzip } from '../streams/gzip.ts';\nexport const packed = isGzip;\n";
  expect(lint('core/run/scratch.ts', text)).toEqual([]);
});

test('eslint.config.js lists every folder of core/', () => {
  const config = readFileSync(join(root, 'eslint.config.js'), 'utf8');
  const [, listed = ''] = /coreFolders = \[([^\]]*)\]/.exec(config) ?? [];
  const known = [...listed.matchAll(/'([^']+)'/g)].map(([, folder]) => folder);
  const folders = new Set(files.map((file) => file.split('/')[1]));
  expect([...folders].sort()).toEqual([...known].sort());
});

test('every file of core/ is in a folder', () => {
  expect(files.filter((file) => file.split('/').length < 3)).toEqual([]);
});

test('no two folders import each other, at any depth', () => {
  const edges = new Set(files.flatMap((file) => importsOf(file).map((to) => `${dirname(file)} → ${to}`)));
  const mutual = [...edges].filter((edge) => edges.has(edge.split(' → ').reverse().join(' → ')));
  expect(edges.size).toBeGreaterThan(50);
  expect(mutual).toEqual([]);
});

test('no folder has more than 16 files of its own', () => {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 16)).toEqual([]);
});
