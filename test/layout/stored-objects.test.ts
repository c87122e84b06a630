import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const sources = ['core', 'lambda'].flatMap((layer) =>
  readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(layer, path)),
);

test('stored objects are parsed by their one reader, so that each error names the object', () => {
  const parsing = sources.filter((path) =>
    /v\.(safeParse|parse)\([^;]*JSON\.parse\(/.test(readFileSync(join(root, path), 'utf8')),
  );
  expect(sources.length).toBeGreaterThan(300);
  expect(parsing).toEqual([]);
});
