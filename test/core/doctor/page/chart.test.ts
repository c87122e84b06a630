import { binsOf, poolsOf, seriesOf } from '../../../../core/doctor/page/binned-timeline.ts';
import { chart, chartTable } from '../../../../core/doctor/page/chart.ts';
import { audit, diagnosis, page, pool, row, throttled, two, web } from './diagnoses.ts';
import { structureOf } from './page-structure.ts';

const input = (timeline: Parameters<typeof poolsOf>[0], minutes = 10) => {
  const bins = binsOf(two, two + 60 * minutes);
  const [one] = poolsOf(timeline);
  return {
    id: 'c0',
    title: 'IAM',
    description: 'A description.',
    bins,
    series: seriesOf(one!, bins, new Set()),
    windows: [],
  };
};
const areas = (svg: string): string[] =>
  [...svg.matchAll(/class="(?:f\d|fo|r)"\s+d="([^"]*)"/g)].map(([, d = '']) => d);
/** The heights of the bars of a path. */
const heights = (path: string): number[] => [...path.matchAll(/M\S+ \S+v(\S+?)H/g)].map(([, height]) => Number(height));

test('served calls are above the axis, throttled calls below it, in the same scale', () => {
  const svg = chart(input([row(0, audit, 100, 50), row(1, web, 50)])).text;
  const [first, second, refused] = areas(svg);
  expect(heights(first!)[0]).toBeCloseTo(2 * heights(second!)[0]!, 1);
  expect(heights(refused!)[0]).toBeCloseTo(-heights(second!)[0]!, 1);
});

test('a single throttled call among many served ones is seen', () => {
  const refused = areas(chart(input([row(0, audit, 100_000, 1)])).text).at(-1);
  expect(heights(refused!)).toEqual([2]);
});

test('callers are stacked without overlap', () => {
  const svg = chart(input([row(0, audit, 100), row(0, web, 50)])).text;
  const [first, second] = areas(svg).map((path) => Number(/M\S+ (\S+?)v/.exec(path)?.[1]));
  const [height] = heights(areas(svg)[0]!);
  expect(second).toBeCloseTo(first! + height!, 1);
});

test('a chart has a title, a description and a table with all numbers', () => {
  const of = input([row(0, audit, 100, 3), row(1, web, 50)]);
  expect(chart(of).text).toMatch(/role="img" aria-labelledby="c0-t c0-d"/);
  const cells = [...chartTable(of).text.matchAll(/<td class="n">([^<]*)</g)].map(([, cell]) => cell);
  expect(cells).toEqual(['100', '0', '3', '0', '50', '0']);
});

test('throttled windows are marked, and those of another limit are not', () => {
  const html = page(throttled, [row(0, audit, 5), row(2, audit, 400, 30), row(9, web, 2, 0, 'sts:1:global')]);
  expect(html.match(/class="wt"/g)).toHaveLength(1);
});

test('a long period has a close-up of its worst minutes', () => {
  const long = [row(0, audit, 5), row(2, audit, 400, 30), row(1_200, web, 5)];
  expect(page(throttled, long)).toContain('The period with the most throttled calls: 27 Nov 2026, 02:01–02:05');
  expect(page(throttled, long.slice(0, 2))).not.toContain('The period with the most throttled calls');
});

test('six limits have a chart; the others are in a table that is closed at first', () => {
  const timeline = Array.from({ length: 9 }, (_, place) => row(0, audit, 9 - place, 0, `iam:${place}`));
  const html = page(diagnosis(), timeline);
  expect(html.match(/<figure/g)).toHaveLength(6);
  expect(structureOf(html).text.replace(/\s+/g, ' ')).toContain('3 more limits, 0 throttled calls');
  expect(html).toContain('IAM in account 8');
});

test('the legend marks who used the rate up', () => {
  const html = page(throttled, [row(2, audit, 400, 30), row(2, web, 500)]);
  expect(html.match(/used the rate up/g)).toHaveLength(1);
  expect(html).toContain(pool.slice(4));
});
