import fc from 'fast-check';
import { actionPattern } from '../../../core/policies/action-pattern.ts';
import { wildcardPattern } from '../../../core/policies/wildcards.ts';

/** What the pattern means, by definition: with a table of the prefixes of both that match. */
function matches(pattern: string, text: string): boolean {
  let reached = Array.from({ length: text.length + 1 }, (_, length) => length === 0);
  for (const wanted of pattern) {
    const next = reached.map(() => false);
    for (let length = 0; length <= text.length; length += 1) {
      if (wanted === '*') next[length] = reached[length]! || (length > 0 && next[length - 1]!);
      else if (length > 0) next[length] = reached[length - 1]! && (wanted === '?' || wanted === text[length - 1]);
    }
    reached = next;
  }
  return reached.at(-1)!;
}

const letters = fc.constantFrom('a', 'b', ':');
const textsOf = (unit: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(unit, { maxLength }).map((all) => all.join(''));
/** Few letters, so that many parts nearly match. */
const patterns = textsOf(fc.oneof({ weight: 4, arbitrary: letters }, fc.constantFrom('*', '?')), 40);

test('a pattern matches exactly the texts that its definition matches', () => {
  fc.assert(
    fc.property(patterns, textsOf(letters, 60), (pattern, text) => {
      expect(wildcardPattern(pattern)(text)).toBe(matches(pattern, text));
    }),
    { numRuns: 3_000 },
  );
});

test('a pattern matches each text that is made from it', () => {
  const filled = fc
    .array(fc.oneof(letters, fc.constant('?'), fc.constant('*')), { maxLength: 120 })
    .chain((units) =>
      fc
        .tuple(
          ...units.map((unit) => (unit === '*' ? textsOf(letters, 50) : unit === '?' ? letters : fc.constant(unit))),
        )
        .map((texts) => ({ pattern: units.join(''), text: texts.join('') })),
    );
  fc.assert(
    fc.property(filled, ({ pattern, text }) => {
      expect(wildcardPattern(pattern)(text)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('parts that are longer than a word of bits are found', () => {
  const part = `${'a'.repeat(29)}b?${'a'.repeat(40)}c`;
  const found = `${'a'.repeat(100)}b-${'a'.repeat(40)}c`;
  expect(wildcardPattern(`*${part}*`)(`x${found}x`)).toBe(true);
  expect(wildcardPattern(`*${part}*`)(`x${found.replace('c', 'd')}x`)).toBe(false);
});

test('actions are compared regardless of case, and every character counts as one', () => {
  expect(actionPattern('S3:Get*Tag?ing')('s3:getobjecttagging')).toBe(true);
  expect(wildcardPattern('a?c')('aéc')).toBe(true);
  expect(wildcardPattern('a.c')('abc')).toBe(false);
});

describe('time', () => {
  /** How often a character of the text is read while it is compared. */
  function reads(pattern: string, text: string): number {
    const compare = wildcardPattern(pattern);
    // The first comparison compiles the parts.
    compare(text);
    const read = jest.spyOn(String.prototype, 'charCodeAt');
    try {
      compare(text);
      return read.mock.contexts.filter((of) => String(of) === text).length;
    } finally {
      read.mockRestore();
    }
  }

  test.each<[string, string]>([
    ['a part that nearly matches everywhere', `*${'a'.repeat(500)}b*`],
    ['question marks before it', `*${'?'.repeat(250)}${'a'.repeat(250)}b*`],
    ['many parts', `${'*a'.repeat(250)}*b*`],
    ['many parts of question marks', `${'*?a'.repeat(166)}*b*`],
    ['many stars', `${'*'.repeat(500)}b*`],
    ['the end', `*${'a'.repeat(501)}`],
  ])('%s: each of 2,000 characters is read at most once', (_what, pattern) => {
    expect(reads(pattern, 'a'.repeat(2_000))).toBeLessThanOrEqual(2_000);
  });
});
