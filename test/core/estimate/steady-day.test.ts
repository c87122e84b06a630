import type { EstimatedPrincipal } from '../../../core/estimate/planned-work.ts';
import { steadyDay } from '../../../core/estimate/steady-day.ts';
import { typicalPrincipals } from '../../../core/estimate/typical-account.ts';
import { countPrincipals } from '../../../core/estimate/planned-work.ts';

const settings = { refreshEveryDays: 7, refreshIdleEveryDays: 30 };

const principals = (number: number, traits: Partial<EstimatedPrincipal>, group?: string): EstimatedPrincipal[] =>
  Array.from({ length: number }, (_, n) => ({
    work: {
      arn: `arn:aws:iam::111122223333:role/r${n}`,
      type: 'role',
      actions: ['iam:PassRole'],
      ruledOut: 0,
      narrower: [],
      unaskable: [],
      asks: ['lastAccessed', 'permissions'],
      group: group ?? `${n}`,
    },
    lasting: true,
    use: 'idle',
    hasRecommendation: false,
    ...traits,
  }));

const asked = (all: readonly EstimatedPrincipal[], of = settings) => {
  const lines = steadyDay(all, of);
  return {
    reports: lines.filter(({ asks }) => asks.includes('lastAccessed')).length,
    simulations: new Set(lines.flatMap(({ asks, group, arn }) => (asks.includes('permissions') ? [group ?? arn] : [])))
      .size,
  };
};

/** One principal in a hundred changes, and is asked for both parts. */
test.each([
  ['idle: a thirtieth', principals(2_100, {}), { reports: 70 + 20, simulations: 300 + 18 }],
  [
    'not provably idle: a seventh',
    principals(2_100, { use: 'unproven' }),
    { reports: 300 + 18, simulations: 300 + 18 },
  ],
  ['in use: all', principals(2_100, { use: 'daily' }), { reports: 2_100, simulations: 300 + 18 }],
  [
    'decisions that depend on the time: all',
    principals(700, { lasting: false }),
    { reports: 23 + 7, simulations: 700 },
  ],
  ['a group shares its simulation', principals(700, {}, 'one'), { reports: 23 + 7, simulations: 0 + 7 }],
] as const)('%s', (_name, all, expected) => {
  const { reports, simulations } = asked(all);
  expect(Math.abs(reports - expected.reports)).toBeLessThanOrEqual(4);
  expect(Math.abs(simulations - expected.simulations)).toBeLessThanOrEqual(4);
});

test('a shorter period of idle principals does not count', () => {
  const { reports } = asked(principals(2_100, {}), { refreshEveryDays: 10, refreshIdleEveryDays: 5 });
  expect(Math.abs(reports - 210 - 20)).toBeLessThanOrEqual(4);
});

test.each([
  [1, 1],
  [30, 13],
  [80, 18],
  [1_000, 49],
  [20_000, 503],
])('a typical account of %i principals needs %i simulations and a report of each', (number, simulations) => {
  const counts = countPrincipals(typicalPrincipals(number));
  expect(counts).toMatchObject({ total: number, reports: number, carried: 0 });
  expect(Math.abs(counts.simulations - simulations)).toBeLessThanOrEqual(1);
});
