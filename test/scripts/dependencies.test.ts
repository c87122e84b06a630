import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dependenciesPage, directDependencies, refusedPackages } from '../../scripts/dependencies/dependencies-page.ts';
import { isAccepted } from '../../scripts/dependencies/licences.ts';
import { reasons } from '../../scripts/dependencies/reasons.ts';

const root = join(__dirname, '../..');

test('every direct dependency has a reason, and no other package has one', () => {
  const { running, developing } = directDependencies();
  expect(Object.keys(reasons).sort()).toEqual([...running, ...developing].sort());
});

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-or-later)', true],
  ['Apache-2.0 AND MIT', true],
  ['GPL-3.0-only', false],
  ['AGPL-3.0-or-later', false],
  ['LGPL-3.0-or-later', false],
  ['MIT AND GPL-2.0-only', false],
  ['(MIT OR Apache-2.0) AND GPL-2.0-only', false],
  ['SEE LICENSE IN LICENSE', false],
  ['UNLICENSED', false],
])('the licence %s: %s', (expression, expected) => {
  expect(isAccepted(expression)).toBe(expected);
});

test('a package with another licence, or without one, is named', () => {
  const packages = new Map([
    ['node_modules/a', { license: 'AGPL-3.0-only' }],
    ['node_modules/b', {}],
    ['node_modules/c', { license: 'MIT' }],
  ]);
  expect(refusedPackages(packages)).toEqual(['node_modules/a: AGPL-3.0-only', 'node_modules/b: no licence']);
  expect(refusedPackages()).toEqual([]);
});

test('docs/dependencies.md is up to date (npm run docs)', () => {
  expect(readFileSync(join(root, 'docs/dependencies.md'), 'utf8')).toBe(dependenciesPage());
});

test('the software bill of materials has every package of the lock file', () => {
  const printed = execFileSync('npm', ['run', '--silent', 'sbom'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  }).toString();
  const bill = JSON.parse(printed) as { bomFormat: string; components: { name: string; version: string }[] };
  expect(bill.bomFormat).toBe('CycloneDX');
  const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { name?: string; version: string }>;
  };
  // npm lists some packages with an alias under the alias, and others under their own name.
  const missing = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { name, version }]) => [path.split('node_modules/').at(-1)!, name].map((one) => `${one}@${version}`))
    .filter((names) => !names.some((name) => listed.has(name)));
  expect(missing).toEqual([]);
});
