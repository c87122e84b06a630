import type { Sample } from '../../../bench/pacing/samples.ts';
import { exceededOn } from '../../../bench/pacing/servers/server-bounds.ts';
import { serverRows, serverTable } from '../../../bench/pacing/servers/server-rows.ts';
import type { Measured } from '../../../bench/pacing/worker-pool.ts';

const run = (ratio: number, more: Partial<Sample> = {}): Sample => ({
  ratio,
  throttled: 0.01,
  lost: 0,
  bystanders: 0,
  bystandersAlone: 0,
  attempts: 2,
  ...more,
});
const measured = (place: string, strategy: string, ...samples: Sample[]): Measured => ({
  cell: { place, strategy, measure: () => Promise.resolve(samples) },
  samples,
});
const server = (name: string, firstDay: Sample[], adaptive: number, aimd: number): Measured[] => [
  measured(name, 'first-day', ...firstDay),
  measured(name, 'with-memory', run(1.1)),
  measured(name, 'sdk-adaptive', run(adaptive)),
  measured(name, 'aimd', run(aimd)),
];

test.each<[string, string, Sample[], number, number, string[]]>([
  ['a median up to 1.25 is within its bound', 'windows', [run(1.25)], 1, 2, []],
  ['so is 1.15 times the better baseline', 'windows', [run(1.6)], 1.4, 2, []],
  ['more is not', 'windows', [run(1.62)], 1.4, 2, ['first-day, windows: makespan/T* is 1.6200. The bound is 1.6100.']],
  [
    'the worst run counts',
    'windows',
    [run(1), run(1), run(2.6)],
    1,
    1,
    ['first-day, windows: the worst makespan/T* is 2.6000. The bound is 2.5000.'],
  ],
  ['with noise of 3 % the worst run may take longer', 'noise 3 % (R 10 B 50)', [run(1), run(1), run(3.9)], 1, 1, []],
  [
    'no call may be lost or tried more than 10 times',
    'windows',
    [run(1, { lost: 0.001, attempts: 11 })],
    1,
    1,
    [
      'first-day, windows: the share of lost calls is 0.0010. The bound is 0.0000.',
      'first-day, windows: the highest number of attempts is 11.0000. The bound is 10.0000.',
    ],
  ],
])('%s', (_, name, firstDay, adaptive, aimd, sentences) => {
  const [row] = serverRows(server(name, firstDay, adaptive, aimd));
  expect(exceededOn(row!)).toEqual(sentences);
  expect(row!.met).toBe(sentences.length === 0);
});

test('the slower of two audits must get 0.3 of the calls', () => {
  const audits = (smallerShare: number) =>
    serverRows([measured('two audits', 'first-day', run(1.1, { smallerShare, firstEnd: 0.9 }))]).flatMap(exceededOn);
  expect(audits(0.3)).toEqual([]);
  expect(audits(0.2)).toEqual(['first-day, two audits: the share of the slower audit is 0.2000. The bound is 0.3000.']);
});

test('the tables have one line for each server and end with the number of servers within their bounds', () => {
  const rows = serverRows([
    ...server('steps', [run(1.05), run(1.1)], 1.02, 1.2),
    ...server('bursts', [run(20)], 0.9, 1.1),
    measured('two audits', 'first-day', run(1.1, { smallerShare: 0.45, firstEnd: 0.95 })),
  ]);
  const lines = serverTable(rows).split('\n');
  expect(lines).toContain('| steps | 1.10 [1.10] | 1.0 | 2 | 1.10 [1.10] | 1.02 | 1.20 | 1.25 | yes |');
  expect(lines).toContain('| bursts | 20.00 [20.00] | 1.0 | 2 | 1.10 [1.10] | 0.90 | 1.10 | 1.25 | no |');
  expect(lines).toContain('| two audits | 1.10 [1.10] | 1.0 | 2 | 0.45 | 0.95 |  | 1.40 | yes |');
  expect(lines.at(-1)).toBe('2 of 3 within their bounds');
});
