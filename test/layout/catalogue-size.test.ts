import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../core/catalogue/catalogue.ts';

const root = join(__dirname, '../..');

test.each(['README.md', 'docs/usage.md', 'docs/design.md'])(
  '%s says how many actions are checked, as many as the catalogue has',
  (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    const numbers = [...text.matchAll(/(\d+) (?:sensitive|simulated) actions/g)].map(([, count]) => Number(count));
    expect(numbers).toEqual([catalogue.length]);
  },
);
