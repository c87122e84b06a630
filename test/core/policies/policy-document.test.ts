import fc from 'fast-check';
import { parsePolicy } from '../../../core/policies/policy-document.ts';

const oneOrMore = fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 }));
const statement = fc.record(
  { Effect: fc.constantFrom('Allow', 'Deny', 'allow'), Action: oneOrMore, NotAction: oneOrMore, Resource: oneOrMore },
  { requiredKeys: ['Effect'] },
);
const list = (value: string | string[] | undefined): string[] | null => (value === undefined ? null : [value].flat());

test('every text is either a policy or unreadable: the parser never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((json) => `{"Statement":${json}}`),
      ),
      (text) => {
        expect(['readable', 'unreadable']).toContain(parsePolicy(text).kind);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('each Allow is read as it is, in every order and case of the element names', () => {
  const ordered = fc
    .array(statement, { maxLength: 4 })
    .chain((statements) =>
      fc.tuple(
        fc.constant(statements),
        fc.tuple(
          ...statements.map((one) => fc.shuffledSubarray(Object.entries(one), { minLength: Object.keys(one).length })),
        ),
        fc.boolean(),
      ),
    );
  fc.assert(
    fc.property(ordered, ([statements, entries, isUpper]) => {
      const named = entries.map((all) =>
        Object.fromEntries(all.map(([name, value]) => [isUpper ? name.toUpperCase() : name.toLowerCase(), value])),
      );
      const allows = statements
        .filter(({ Effect }) => Effect !== 'Deny')
        .map(({ Action, NotAction, Resource }) => ({
          actions: list(Action),
          notActions: list(NotAction),
          resources: list(Resource),
        }));
      expect(parsePolicy(JSON.stringify({ Statement: named }))).toEqual({ kind: 'readable', allows });
    }),
  );
});

test('a document with a statement that is not a policy’s may allow anything', () => {
  const wrong = fc.oneof(
    fc.constantFrom(
      null,
      1,
      'Allow',
      [],
      {},
      { Effect: 1 },
      { Effect: 'Allow', Action: 1 },
      { Effect: 'Allow', Resource: {} },
    ),
    fc.constant({ Effect: 'Allow', Action: 'a', action: 'b' }),
  );
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 2 }), wrong, (statements, bad) => {
      expect(parsePolicy(JSON.stringify({ Statement: [...statements, bad] }))).toEqual({ kind: 'unreadable' });
    }),
  );
});
