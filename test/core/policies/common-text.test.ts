import fc from 'fast-check';
import { commonText } from '../../../core/policies/common-text.ts';
import { wildcardPattern } from '../../../core/policies/wildcards.ts';

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 });

test('two patterns have a common text if some text matches both, and both match it', () => {
  fc.assert(
    fc.property(pattern, pattern, word, (one, other, text) => {
      const common = commonText(one, other);
      if (wildcardPattern(one)(text) && wildcardPattern(other)(text)) expect(common).not.toBeNull();
      if (common === null || common === undefined) return;
      expect([wildcardPattern(one)(common), wildcardPattern(other)(common)]).toEqual([true, true]);
    }),
  );
});

test('nothing is told of patterns that take too long', () => {
  expect(commonText('a*'.repeat(400), '*b'.repeat(400))).toBeUndefined();
  expect(commonText('vpc-a*', 'vpc-b*')).toBeNull();
});
