import { Comparison, type PrincipalEvidence } from '../../../core/findings/compare.ts';
import { Exceptions, readExceptions } from '../../../core/findings/exceptions.ts';
import type { DetectedFinding } from '../../../core/findings/find.ts';
import type { Finding } from '../../../core/contract/finding.ts';

const TODAY = '2026-11-25T04:00:00.000Z';
const BEFORE = '2026-11-20T04:00:00.000Z';

const detected: DetectedFinding = {
  id: 'a1',
  rule: 'administrator',
  severity: 'medium',
  controls: [],
  accountId: '111122223333',
  principalArn: 'arn:aws:iam::111122223333:role/r',
  title: 't',
  detail: 'd',
  evidence: {},
};
const earlier = (state: Finding['state']): Finding => ({ ...detected, firstSeen: BEFORE, state, exception: null });
const exception = { rule: 'administrator', arn: '*', owner: 'o', reason: 'why', expires: '2026-12-31' };
const comparison = (...exceptions: unknown[]): Comparison =>
  new Comparison(
    TODAY,
    new Exceptions(readExceptions(JSON.stringify({ exceptions }), ['administrator']), Date.parse(TODAY)),
  );

test('a finding that the earlier run did not have is new', () => {
  expect(comparison().compareDetected(detected)).toMatchObject({ state: 'new', firstSeen: TODAY });
});

test.each(['new', 'open', 'suppressed'] as const)(
  'a finding that was %s before is open and keeps its first day',
  (state) => {
    const compared = comparison();
    compared.addEarlier(earlier(state));
    expect(compared.compareDetected(detected)).toMatchObject({ state: 'open', firstSeen: BEFORE, exception: null });
    expect(compared.compareEarlier(earlier(state), 'complete')).toBeNull();
  },
);

test('a resolved finding that comes back is new again', () => {
  const compared = comparison();
  compared.addEarlier(earlier('resolved'));
  expect(compared.compareDetected(detected)).toMatchObject({ state: 'new', firstSeen: TODAY });
});

test('a run that is compared with itself gives the same states: a handler may be called twice', () => {
  const first = comparison().compareDetected(detected);
  const again = comparison();
  again.addEarlier(first);
  expect(again.compareDetected(detected)).toEqual(first);
});

test.each<[PrincipalEvidence, Finding['state'] | null]>([
  ['complete', 'resolved'],
  ['deleted', 'resolved'],
  ['incomplete', 'open'],
  ['outOfScope', null],
])('a finding that is no longer detected, for a principal that is %s, is %s', (evidence, state) => {
  const compared = comparison();
  compared.addEarlier(earlier('open'));
  const still = compared.compareEarlier(earlier('open'), evidence);
  expect(still?.state ?? null).toBe(state);
  if (still !== null) expect(still.firstSeen).toBe(BEFORE);
});

test('an exception suppresses detected findings, and findings that stay because evidence is missing', () => {
  const compared = comparison(exception);
  const { owner, reason, expires } = exception;
  const suppressed = { state: 'suppressed', exception: { owner, reason, expires } };
  expect(compared.compareDetected(detected)).toMatchObject(suppressed);
  expect(comparison(exception).compareEarlier(earlier('open'), 'incomplete')).toMatchObject(suppressed);
  expect(comparison(exception).compareEarlier(earlier('suppressed'), 'complete')).toMatchObject({
    state: 'resolved',
    exception: null,
  });
});
