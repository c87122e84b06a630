import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

/** The rows of the tables: misuse, what stops it, tests. */
const rows = [...page.matchAll(/^\| (.+) \| (.+) \| (.+) \|$/gm)]
  .map(([, misuse = '', control = '', tests = '']) => ({ misuse, control, tests }))
  .filter(({ misuse }) => misuse !== 'misuse' && misuse !== '---');

test('each asset has rows', () => {
  expect(rows.length).toBeGreaterThan(25);
});

test.each(rows.map(({ misuse, tests }) => [misuse, tests]))(
  '"%s" has tests, and each of them exists',
  (_misuse, tests) => {
    const files = [...tests.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file);
    expect(tests.split(', ')).toHaveLength(files.length);
    expect(files).not.toEqual([]);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  },
);
