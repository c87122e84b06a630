import fc from 'fast-check';
import { relative, resolve } from 'node:path';
import * as v from 'valibot';
import { AccountId, RunId } from '../../../core/contract/execution-input.ts';
import { objects } from '../../../core/contract/objects.ts';
import { StoreError } from '../../../core/ports/store.ts';
import { FolderStore } from '../../../local/folder-store.ts';

const RUN = '20261123T040000Z-1a2b3c';
const ACCOUNT = '111122223333';
const store = new FolderStore({ folder: '/results' });

/** IAM API Reference: names of users and roles. */
const name = fc.string({ minLength: 1, maxLength: 64, unit: fc.constantFrom(...Array.from('abzABZ019+=,.@-_')) });
const type = fc.constantFrom('user' as const, 'role' as const);

test('each user and role has an object of its own, below its account', () => {
  fc.assert(
    fc.property(type, name, type, name, (oneType, one, otherType, other) => {
      const key = objects.recommendation(RUN, ACCOUNT, oneType, one);
      expect(key.startsWith(`runs/${RUN}/accounts/${ACCOUNT}/recommendations/`)).toBe(true);
      expect(key.split('/')).toHaveLength(6);
      expect(key).not.toBe(objects.recommendations(RUN, ACCOUNT));
      const isSame = oneType === otherType && one === other;
      expect(key === objects.recommendation(RUN, ACCOUNT, otherType, other)).toBe(isSame);
      expect(relative('/results', store.path(key))).toBe(key);
    }),
    { numRuns: 1_000 },
  );
});

test('a file of an object is always in the folder of the results, whatever its key is', () => {
  const part = fc.oneof(fc.constantFrom('..', '.', '', '/', '\0', '~', '%2e%2e'), fc.string({ maxLength: 5 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const key = parts.join('/');
      try {
        expect(resolve(store.path(key)).startsWith('/results/')).toBe(true);
      } catch (error: unknown) {
        expect(error).toBeInstanceOf(StoreError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('the ID of a run or account from an input has no part that leads out of its prefix', () => {
  const nearly = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789TZ-abz/.\n')) }),
    fc
      .tuple(
        fc.constantFrom('', '/', '../', '\n'),
        fc.constantFrom(RUN, ACCOUNT),
        fc.constantFrom('', '/', '/..', '\n'),
      )
      .map((all) => all.join('')),
  );
  fc.assert(
    fc.property(nearly, (id) => {
      if (v.is(RunId, id)) expect(id).toMatch(/^[\dTZa-z-]{23}$/);
      if (v.is(AccountId, id)) expect(id).toMatch(/^\d{12}$/);
      if (/[/.\n]/.test(id)) expect([v.is(RunId, id), v.is(AccountId, id)]).toEqual([false, false]);
    }),
    { numRuns: 2_000 },
  );
});
