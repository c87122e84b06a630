import { Comparison, type Fate } from '../../../core/findings/compare.ts';
import { Exceptions, readExceptions } from '../../../core/findings/exceptions.ts';
import type { Found } from '../../../core/findings/find.ts';
import type { Finding } from '../../../core/contract/finding.ts';

const TODAY = '2026-11-25T04:00:00.000Z';
const BEFORE = '2026-11-20T04:00:00.000Z';

const found: Found = {
  id: 'a1',
  rule: 'administrator',
  severity: 'medium',
  accountId: '111122223333',
  principalArn: 'arn:aws:iam::111122223333:role/r',
  title: 't',
  detail: 'd',
  evidence: {},
};
const earlier = (state: Finding['state']): Finding => ({ ...found, firstSeen: BEFORE, state, exception: null });
const exception = { rule: 'administrator', arn: '*', owner: 'o', reason: 'why', expires: '2026-12-31' };
const comparison = (...exceptions: unknown[]): Comparison =>
  new Comparison(
    TODAY,
    new Exceptions(readExceptions(JSON.stringify({ exceptions }), ['administrator']), Date.parse(TODAY)),
  );

test('what was not there before is new', () => {
  expect(comparison().found(found)).toMatchObject({ state: 'new', firstSeen: TODAY });
});

test.each(['new', 'open', 'suppressed'] as const)('what was %s before is open, since it was first seen', (state) => {
  const compared = comparison();
  compared.remember(earlier(state));
  expect(compared.found(found)).toMatchObject({ state: 'open', firstSeen: BEFORE, exception: null });
  expect(compared.before(earlier(state), 'judged')).toBeNull();
});

test('what was resolved and comes back is new again', () => {
  const compared = comparison();
  compared.remember(earlier('resolved'));
  expect(compared.found(found)).toMatchObject({ state: 'new', firstSeen: TODAY });
});

test('a run that is compared with itself says the same: a handler may be called twice', () => {
  const first = comparison().found(found);
  const again = comparison();
  again.remember(first);
  expect(again.found(found)).toEqual(first);
});

test.each<[Fate, Finding['state'] | null]>([
  ['judged', 'resolved'],
  ['gone', 'resolved'],
  ['unknown', 'open'],
  ['outOfScope', null],
])('what is not found any more of a principal that is %s is %s', (fate, state) => {
  const compared = comparison();
  compared.remember(earlier('open'));
  const still = compared.before(earlier('open'), fate);
  expect(still?.state ?? null).toBe(state);
  if (still !== null) expect(still.firstSeen).toBe(BEFORE);
});

test('an exception suppresses what is found, and what stays because nobody could look', () => {
  const compared = comparison(exception);
  const { owner, reason, expires } = exception;
  const suppressed = { state: 'suppressed', exception: { owner, reason, expires } };
  expect(compared.found(found)).toMatchObject(suppressed);
  expect(comparison(exception).before(earlier('open'), 'unknown')).toMatchObject(suppressed);
  expect(comparison(exception).before(earlier('suppressed'), 'judged')).toMatchObject({
    state: 'resolved',
    exception: null,
  });
});
