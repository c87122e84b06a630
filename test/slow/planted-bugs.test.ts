import { runSeed } from '../../scripts/chaos-test/run-seed.ts';
import { doubleRecord, lostBatch, missingClaimCheck, stalePace, swallowedFault } from '../support/planted-bugs.ts';

jest.setTimeout(120_000);

test.each([
  ['a missing claim check', missingClaimCheck, 53, /but run \S+ had the claim/],
  ['a lost batch', lostBatch, 9, /AuditBatch returned, but \S+ is missing/],
  ['a double record', doubleRecord, 9, /has two records/],
  ['a stale pace', stalePace, 9, /the pace of \d+ is older than its last batch/],
  ['a swallowed fault', swallowedFault, 49, /recorded services , granted/],
])('chaos finds %s', async (_, bug, seed, expected) => {
  // Without the bug, the same seed finds nothing.
  expect((await runSeed(seed)).violations).toEqual([]);
  expect((await runSeed(seed, bug)).violations.join('\n')).toMatch(expected);
});

test('a seed gives the same result again', async () => {
  expect(await runSeed(5)).toEqual(await runSeed(5));
});
