import type { Figures } from '../../../bench/scale/figures.ts';
import { exceededBounds, table } from '../../../bench/scale/report.ts';

const figures = (name: string, accounts: number, principals: number, other: Partial<Figures> = {}): Figures => ({
  name,
  accounts,
  principals,
  complete: principals,
  status: 'COMPLETE',
  wallSeconds: principals / 250,
  cpuSeconds: principals / 200,
  megabytes: { before: 100, peak: 200, live: 20 },
  transitions: 14,
  dollars: 0.01,
  runSeconds: 520,
  batchesSeconds: 500,
  operations: [
    { operation: 'iam:SimulatePrincipalPolicy', sent: 5_060, throttled: 10, limitSeconds: 500 },
    { operation: 'iam:GetServiceLastAccessedDetails', sent: 5_010, throttled: 10, limitSeconds: 495 },
  ],
  organizationSeconds: null,
  ...other,
});
const small = figures('1000', 1, 1_000);

test('figures within their bounds give no sentence', () => {
  const large = figures('100000', 10, 100_000, { cpuSeconds: 990, megabytes: { before: 900, peak: 1_000, live: 110 } });
  expect(exceededBounds([small, large, figures('one-account', 1, 5_000, { batchesSeconds: 549 })])).toEqual([]);
});

test('batches that take more than 1.1 times the limit of their slowest operation are reported', () => {
  const slow = figures('one-account', 1, 5_000, { batchesSeconds: 551 });
  expect(exceededBounds([slow])).toEqual(['one-account: the batches took 1.102 times their limit. The bound is 1.1.']);
});

test('a run over an organization that takes more than 1.25 times the limit of its buckets is reported', () => {
  const within = figures('hub-pays', 1_000, 100_000, { organizationSeconds: 1_000, runSeconds: 1_250 });
  expect(exceededBounds([within])).toEqual([]);
  expect(exceededBounds([{ ...within, runSeconds: 1_260 }])).toEqual([
    'hub-pays: the run took 1.260 times its limit. The bound is 1.25.',
  ]);
  expect(table([within])).toContain('hub-pays: 1250 s, 1.250 times the limit of 1000 s');
});

test('an incomplete run is always reported', () => {
  const lost = figures('one-account', 1, 5_000, { complete: 4_999, status: 'PARTIAL' });
  const short = figures('thousand-accounts', 1_000, 99_900);
  expect(exceededBounds([lost, short])).toHaveLength(2);
});

test.each([
  [{ cpuSeconds: 1_001 }, 'takes 2.00 times the processor time'],
  [{ megabytes: { before: 100, peak: 200, live: 320 } }, 'bytes of heap'],
])('time and heap that grow with the size are reported', (other, sentence) => {
  const sentences = exceededBounds([small, figures('100000', 10, 100_000, other)]);
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toContain(sentence);
});

test('the table has the figures of each scenario, and its makespan if it has a bound', () => {
  const text = table([small, figures('one-account', 1, 5_000)]);
  expect(text).toContain('| 1000 | 1 | 1000 | 4.0 | 5.00 | 100 | 200 | 20 | 14 | 0.0100 | 0.0100 | 520 |');
  expect(text).toContain('batches 500.0 s, 1.000 times; whole run 520.0 s, 1.040 times.');
  expect(text).toContain('| iam:SimulatePrincipalPolicy | 5060 | 10 | 500.0 |');
});
