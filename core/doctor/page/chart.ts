import { endOf, totalsOf, type Bins, type Series } from './binned-timeline.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { shortName } from './names.ts';
import { whole } from '../questions/numbers.ts';
import { clock, day, length, period, ticks } from './times.ts';

export interface ChartInput {
  /** Unique in the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bins: Bins;
  readonly series: readonly Series[];
  /** Periods with throttled calls, in epoch seconds. */
  readonly windows: readonly { readonly from: number; readonly to: number }[];
}

/** The drawing is stretched to the width of the page; its height is in pixels. */
const WIDTH = 960;
const TALL = 220;
/** Without throttled calls. */
const LOW = 110;
const TOP = 20;
const LABELS = 40;
/** A bin with calls is at least this high, so that a single throttled call is seen. */
const LEAST_HEIGHT = 2;
const LEAST_HALF = 44;
const MINUTE = 60;

/** The fills of the series by their place; the last is for all others. The style sheet and the patterns define them. */
const fills = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'] as const;
export type Fill = (typeof fills)[number] | 'fo';
export const fillOf = ({ caller }: Series, place: number): Fill => (caller === null ? 'fo' : (fills[place] ?? 'fo'));

/** Patterns, so that series differ without colour. Once in a page. */
export const patterns = markup`<svg width="0" height="0" style="position:absolute" aria-hidden="true">
  <defs>
    ${(
      [
        ['f1', 'M-2 2 2-2M0 8 8 0M6 10 10 6'],
        ['f2', 'M2 2h2v2h-2zM6 6h2v2h-2z'],
        ['f3', 'M0 2H8M0 6H8'],
        ['f4', 'M-2 6 2 10M0 0 8 8M6-2 10 2M-2 2 2-2M0 8 8 0M6 10 10 6'],
        ['f5', 'M2 0V8M6 0V8'],
      ] as const
    ).map(
      ([fill, path]) =>
        markup`<pattern id="${fill}" width="8" height="8" patternUnits="userSpaceOnUse"
          ><rect width="8" height="8" class="${fill}" /><path d="${path}" class="k"
        /></pattern>`,
    )}
  </defs>
</svg>`;

/** A small square with the fill of a series, for the legend. */
export const swatch = (fill: Fill | 'r' | 'w'): Markup =>
  markup`<svg class="sw" width="18" height="14" aria-hidden="true">
    <rect width="18" height="14" class="${fill}" />
    ${
      fill === 'r' || fill === 'w' || fill === 'fo' || fill === 'f0'
        ? nothing
        : markup`<rect width="18" height="14" fill="url(#${fill})" />`
    }
  </svg>`;

/** Served calls as stacked areas above the axis, throttled calls below it, in the same scale. */
export function chart({ id, title, description, bins, series, windows }: ChartInput): Markup {
  const served = totalsOf(series, 'served', bins);
  const refused = totalsOf(series, 'refused', bins);
  const scale = scaleOf(Math.max(...served), Math.max(...refused));
  const { height } = scale;
  const end = endOf(bins);
  const x = (sec: number) => fixed(((Math.min(Math.max(sec, bins.from), end) - bins.from) / (end - bins.from)) * WIDTH);
  const percent = (sec: number) => `${fixed((100 * (sec - bins.from)) / (end - bins.from))}%`;
  const bands = windows.filter(({ from, to }) => to > bins.from && from < end);
  return markup`<svg class="g" height="${TOP + height + LABELS}" role="img" aria-labelledby="${id}-t ${id}-d">
    <title id="${id}-t">${title}</title>
    <desc id="${id}-d">${description}</desc>
    <svg y="${TOP}" width="100%" height="${height}" viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none">
      ${bands.map(({ from, to }) => markup`<rect class="w" x="${x(from)}" width="${fixed(x(to) - x(from))}" height="${height}" /><rect class="wt" x="${x(from)}" width="${fixed(x(to) - x(from))}" height="4" />`)}
      <path class="l" d="${scale.marks.map(({ y }) => `M0 ${y}H${WIDTH}`).join('')}" />
      ${areas(series, bins, scale)}
      <path class="r" d="${bars(refused, scale.axis, (value) => value * scale.perCall, bins, 'down')}" />
      <path class="x" d="M0 ${scale.axis}H${WIDTH}" />
      ${served.map((value, bin) => hover(value, refused[bin] ?? 0, bin, bins, height))}
    </svg>
    <text x="0" y="11">↑ served${refused.some((value) => value > 0) ? ', ↓ throttled' : ''} calls per ${bins.seconds === MINUTE ? 'minute' : length(bins.seconds)}</text>
    ${scale.marks.map(({ y, label }) => markup`<text x="-6" y="${fixed(y + TOP + 4)}" text-anchor="end">${label}</text>`)}
    ${ticks(bins.from, end).map(
      ({ at, label, date }, place) =>
        markup`<text
            class="${place % 2 === 0 ? 't' : 't o'}"
            x="${percent(at)}"
            y="${TOP + height + 20}"
            text-anchor="middle"
            >${label}</text
          >${
            date === null
              ? nothing
              : markup`<text class="t" x="${percent(at)}" y="${TOP + height + 35}" text-anchor="middle">${date}</text>`
          }`,
    )}
  </svg>`;
}

interface Scale {
  readonly height: number;
  /** Height of the axis between served and throttled calls, in pixels from the top of the drawing. */
  readonly axis: number;
  /** Pixels. */
  readonly perCall: number;
  readonly marks: readonly { readonly y: number; readonly label: string }[];
}

function scaleOf(served: number, refused: number): Scale {
  const step = roundStep(Math.max(served, refused, 1) / 4);
  const up = Math.max(1, Math.ceil(served / step)) * step;
  const down = Math.ceil(refused / step) * step;
  const height = refused === 0 ? LOW : TALL;
  const most = refused === 0 ? height : height - LEAST_HALF;
  const axis = Math.round(Math.min(Math.max((height * up) / (up + down), LEAST_HALF), most));
  const perCall = down === 0 ? axis / up : Math.min(axis / up, (height - axis) / down);
  const marks = [];
  for (let value = -down; value <= up; value += step) {
    const y = fixed(axis - value * perCall);
    if (y >= 0 && y <= height) marks.push({ y, label: short(Math.abs(value)) });
  }
  return { height, axis, perCall, marks };
}

/** 1, 2 or 5 times a power of ten, at least 1. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10);
}

const short = (value: number): string =>
  value >= 1e6 ? `${fixed(value / 1e6)}M` : value >= 10_000 ? `${fixed(value / 1_000)}k` : whole(value);

const fixed = (value: number): number => Math.round(100 * value) / 100;

function areas(series: readonly Series[], bins: Bins, { axis, perCall }: Scale): Markup[] {
  const below = new Array<number>(bins.count).fill(0);
  return series.flatMap((one, place) => {
    const fill = fillOf(one, place);
    const shape = bars(
      one.served,
      (bin) => axis - (below[bin] ?? 0) * perCall,
      (value) => value * perCall,
      bins,
      'up',
    );
    one.served.forEach((value, bin) => (below[bin] = (below[bin] ?? 0) + value));
    const area = markup`<path class="${fill}" d="${shape}" />`;
    return fill === 'f0' || fill === 'fo' ? [area] : [area, markup`<path fill="url(#${fill})" d="${shape}" />`];
  });
}

/** A bar for each bin with calls, as one path. */
function bars(
  values: readonly number[],
  start: number | ((bin: number) => number),
  heightOf: (value: number) => number,
  { count }: Bins,
  direction: 'up' | 'down',
): string {
  const width = WIDTH / count;
  return values
    .flatMap((value, bin) => {
      if (value === 0) return [];
      const from = typeof start === 'number' ? start : start(bin);
      const height = direction === 'up' ? -heightOf(value) : Math.max(heightOf(value), LEAST_HEIGHT);
      return [`M${fixed(bin * width)} ${fixed(from)}v${fixed(height)}H${fixed((bin + 1) * width)}v${fixed(-height)}z`];
    })
    .join('');
}

/** The numbers of a bin, shown when the pointer is over it. */
function hover(served: number, refused: number, bin: number, { from, seconds, count }: Bins, height: number): Markup {
  if (served === 0 && refused === 0) return nothing;
  const width = WIDTH / count;
  return markup`<rect class="h" x="${fixed(bin * width)}" width="${fixed(width)}" height="${height}"
    ><title>
      ${period(from + bin * seconds, from + (bin + 1) * seconds)}: ${whole(served)} served, ${whole(refused)} throttled
    </title></rect
  >`;
}

/** The numbers of a chart as a table, for readers who can't see the chart. */
export function chartTable({ title, bins, series }: Pick<ChartInput, 'title' | 'bins' | 'series'>): Markup {
  const refused = totalsOf(series, 'refused', bins);
  const served = totalsOf(series, 'served', bins);
  const names = series.map(({ caller }) => (caller === null ? 'others' : shortName(caller)));
  const rows = refused.flatMap((count, bin) => {
    if (count === 0 && served[bin] === 0) return [];
    const at = bins.from + bin * bins.seconds;
    const cells = [...series.map((one) => one.served[bin] ?? 0), count];
    return [
      markup`<tr>
        <th scope="row">${day(at)} ${clock(at)}</th>
        ${cells.map((cell) => markup`<td class="n">${whole(cell)}</td>`)}
      </tr>`,
    ];
  });
  return markup`<details class="np">
    <summary>The numbers of this chart as a table</summary>
    <div class="scroll" tabindex="0">
      <table>
        <caption class="m">
          ${title}. Times in UTC.
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            ${names.map((name) => markup`<th scope="col" class="n a">${name}, served</th>`)}
            <th scope="col" class="n">Throttled, all</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}
