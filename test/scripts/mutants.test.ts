import { drawMutants } from '../../scripts/mutation-test/draw-mutants.ts';
import { applied, mutantsOf } from '../../scripts/mutation-test/mutants.ts';
import { seededRandom } from '../../local/seeded-random.ts';

const changes = (text: string): string[] => mutantsOf('a.ts', text).map((mutant) => applied(text, mutant));

test.each([
  ['a < b', ['a <= b']],
  ['a === b', ['a !== b']],
  ['a && b', ['a || b']],
  ['a - b', ['a + b']],
  ['a ?? b', ['(b)']],
  ['!a', ['a']],
  ['a ? b : c', ['true ? b : c', 'false ? b : c']],
  ['const a = true', ['const a = false']],
  ['const a = 2', ['const a = (2 + 1)']],
  ['const a = b.some(c)', ['const a = b.every(c)']],
  ['const a = Math.min(b, c)', ['const a = Math.max(b, c)']],
  ['await a.write(b);', [';']],
  ['a = b;', [';']],
])('%s has the mutants %j', (text, expected) => {
  expect(changes(text)).toEqual(expected);
});

test.each([
  "'a' + b",
  '`${a}` + b',
  "import a from 'b';",
  'let a: 1 | true;',
  'interface A { b: 1 }',
  'class A extends B { constructor() { super(); } }',
])('%s has none', (text) => {
  expect(changes(text)).toEqual([]);
});

test('a condition can be always true or always false', () => {
  expect(changes('if (a) b;')).toEqual(['if (true) b;', 'if (false) b;']);
});

test('a seed draws the same mutants, evenly from each area, and one of a line', () => {
  const line = (n: number): string => `const a${n} = ${n} < b;`;
  const areas = ['x.ts', 'y.ts', 'z.ts'].map((file) =>
    mutantsOf(file, Array.from({ length: 20 }, (_, n) => line(n)).join('\n')),
  );
  const drawn = drawMutants(areas, 12, seededRandom(1));
  expect(drawMutants(areas, 12, seededRandom(1))).toEqual(drawn);
  expect(drawMutants(areas, 12, seededRandom(2))).not.toEqual(drawn);
  expect(['x.ts', 'y.ts', 'z.ts'].map((file) => drawn.filter((one) => one.file === file).length)).toEqual([4, 4, 4]);
  const all = drawMutants(areas, 1_000, seededRandom(1));
  expect(new Set(all.map(({ file, line: at }) => `${file}:${at}`)).size).toBe(all.length);
  expect(all).toHaveLength(60);
});
