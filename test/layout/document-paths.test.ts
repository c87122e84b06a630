import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true })
    .map((file) => join('docs', String(file)))
    .filter((file) => file.endsWith('.md')),
];

/** Folders of this repository: a path in code font that begins with one of them names a file or a folder of it. */
const folders = ['aws', 'bench', 'bin', 'cli', 'core', 'docs', 'lambda', 'lib', 'local', 'scripts', 'test'];

/** A path without wildcards or places to fill in, as in `core/states/` or `lib/settings.ts`. */
const path = new RegExp(`^(?:${folders.join('|')})/[\\w./-]*$`);

const read = (document: string): string => readFileSync(join(root, document), 'utf8');
const withoutBlocks = (text: string): string => text.replaceAll(/^```[^]*?^```/gm, '');

/** As the repository's pages are rendered: words in lower case joined by hyphens, other characters dropped. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (document: string): string[] =>
  [...withoutBlocks(read(document)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

test.each(documents)('%s: every path in code font exists', (document) => {
  const named = [...withoutBlocks(read(document)).matchAll(/`([^`\s]+)`/g)].map(([, text = '']) => text);
  const paths = named.filter((text) => path.test(text));
  expect(paths.filter((named) => !existsSync(join(root, named)))).toEqual([]);
});

test.each(documents)('%s: every link leads to a file, and to a heading of it', (document) => {
  const links = [...withoutBlocks(read(document)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));
  const broken = links.filter((link) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? document : join(dirname(document), file);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('the test finds paths, so that it cannot pass by finding none', () => {
  const named = [...read('docs/design.md').matchAll(/`([^`\s]+)`/g)].filter(([, text = '']) => path.test(text));
  expect(named.length).toBeGreaterThan(60);
});
