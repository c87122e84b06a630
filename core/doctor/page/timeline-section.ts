import type { RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import { listedBriefly } from '../../wording/wording.ts';
import type { Examination } from '../diagnosis/examine.ts';
import { counted, percent, whole } from '../questions/numbers.ts';
import { binsOf, rangeOf, seriesOf, sumOf, type Bins, type PoolTimeline, type Series } from './binned-timeline.ts';
import { chart, chartTable, fillOf, patterns, swatch } from './chart.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { capitalized, poolInWords, shortName } from './names.ts';
import { worstOf } from './throttled-times.ts';
import { length, period, secondsOf } from './times.ts';

export interface TimelineSectionInput {
  readonly pools: readonly PoolTimeline[];
  readonly windows: readonly RefusedWindow[];
  /** Callers that used up each limit, by pool. */
  readonly culprits: Examination['culprits'];
}

const MOST_CHARTS = 6;
/** More charts, of pools with throttled calls, are closed at first; all further pools are only rows of a table. */
const MOST_CLOSED_CHARTS = 18;
const MOST_ROWS = 500;
const MINUTE = 60;
/** The close-up shows one minute in each bar. */
const CLOSE_UP_MINUTES = 90;

/** Charts of served and throttled calls by caller, for each limit. */
export function* timelineSection({ pools, windows, culprits }: TimelineSectionInput): Generator<string> {
  yield '<h2 id="timeline">Served and throttled calls</h2>';
  const range = rangeOf(pools);
  if (range === null) {
    yield '<p>There are no calls to show.</p>';
    return;
  }
  yield patterns.text;
  yield '<p class="m">Times in UTC. Above the axis: calls that AWS served, by caller. Below it: calls that AWS throttled. A limit applies to an account, and for STS also to a Region.</p>';
  if (range.strays > 0) {
    yield `<p class="m">${counted(range.strays, 'call')} more than a day before or after nearly all others ${range.strays === 1 ? 'is' : 'are'} not in the charts.</p>`;
  }
  const bins = binsOf(range.from, range.to);
  const draw = (pool: PoolTimeline, place: number) =>
    figure({ pool, windows, culprits: culprits.get(pool.pool) ?? new Set(), bins, id: `c${place}` });
  const inRange = pools.map((pool) => ({
    ...pool,
    // A caller of stray calls only would be in the legend without a call in the chart.
    rows: pool.rows.filter(({ minute }) => minute >= range.from && minute < range.to),
  }));
  for (const [place, pool] of inRange.slice(0, MOST_CHARTS).entries()) yield draw(pool, place).text;
  const rest = inRange.slice(MOST_CHARTS);
  if (rest.length === 0) return;
  yield markup`<details>
    <summary>
      ${counted(rest.length, 'more limit')},
      ${counted(
        sumOf(rest, ({ refused }) => refused),
        'throttled call',
      )}
    </summary>`.text;
  const drawn = rest.filter(({ refused }) => refused > 0).slice(0, MOST_CLOSED_CHARTS);
  for (const [place, pool] of drawn.entries()) yield draw(pool, MOST_CHARTS + place).text;
  yield markup`<table>
    <thead>
      <tr>
        <th>Limit</th>
        <th class="n">Served</th>
        <th class="n">Throttled</th>
      </tr>
    </thead>
    <tbody>
      ${rest.slice(0, MOST_ROWS).map(
        ({ pool, served, refused }) =>
          markup`<tr>
            <td class="a">${capitalized(poolInWords(pool))}</td>
            <td class="n">${whole(served)}</td>
            <td class="n">${whole(refused)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`.text;
  if (rest.length > MOST_ROWS) yield `<p>${whole(rest.length - MOST_ROWS)} more are not shown.</p>`;
  yield '</details>';
}

interface FigureInput extends Omit<TimelineSectionInput, 'pools' | 'culprits'> {
  readonly pool: PoolTimeline;
  /** Callers that used up the limit of this pool. */
  readonly culprits: ReadonlySet<string>;
  readonly bins: Bins;
  readonly id: string;
}

function figure({ pool, windows, culprits, bins, id }: FigureInput): Markup {
  const bands = windows.flatMap(({ pool: of, refused, ...times }) => {
    const [from, to] = [secondsOf(times.from), secondsOf(times.to)];
    return of === pool.pool && from !== null && to !== null ? [{ from, to, refused }] : [];
  });
  const name = capitalized(poolInWords(pool.pool));
  const series = seriesOf(pool, bins, culprits);
  const title = `${name}: served and throttled calls per ${perBin(bins)}`;
  const description = descriptionOf(pool, series, bands);
  const worst = worstOf([...bands].sort((a, b) => a.from - b.from));
  return markup`<figure class="c">
    <figcaption>
      <h3>${name}</h3>
      <p>
        ${counted(pool.served, 'call')} served,
        <span class="${pool.refused > 0 ? 's critical' : 'm'}">${whole(pool.refused)} throttled</span>. Each bar is
        ${length(bins.seconds)}.
      </p>
    </figcaption>
    ${chart({ id, title, description, bins, series, windows: bands })}
    ${legend(pool, series, culprits, bands.length > 0)}
    ${chartTable({ title, bins, series })}
    ${worst === undefined || bins.seconds === MINUTE ? nothing : closeUp(pool, worst, bands, culprits, id)}
  </figure>`;
}

const perBin = ({ seconds }: Bins): string => (seconds === MINUTE ? 'minute' : length(seconds));

function descriptionOf(
  pool: PoolTimeline,
  series: readonly Series[],
  bands: readonly { from: number; to: number }[],
): string {
  const most = series.flatMap(({ caller, served }) =>
    caller === null ? [] : [`${shortName(caller)} ${whole(sumOf(served, (value) => value))}`],
  );
  const throttled =
    bands.length === 0
      ? 'No call was throttled.'
      : `${counted(pool.refused, 'call')} throttled, in ${listedBriefly(
          bands.map(({ from, to }) => period(from, to)),
          5,
        )}.`;
  return `${counted(pool.served, 'call')} served. Callers with the most served calls: ${listedBriefly(most, 3)}. ${throttled}`;
}

function legend(
  pool: PoolTimeline,
  series: readonly Series[],
  culprits: ReadonlySet<string>,
  hasWindows: boolean,
): Markup {
  const entries = series.map((one, place) => {
    const served = sumOf(one.served, (value) => value);
    const refused = sumOf(one.refused, (value) => value);
    const name =
      one.caller === null
        ? markup`All other callers`
        : markup`<span class="a" title="${one.caller}"><bdi>${shortName(one.caller)}</bdi></span>`;
    return markup`<li>
      ${swatch(fillOf(one, place))}<span
        >${name}${one.caller !== null && culprits.has(one.caller) ? markup` <b class="critical">used the rate up</b>` : nothing}<br /><span
          class="m"
          >${whole(served)} served in the whole period (${percent(pool.served === 0 ? 0 : served / pool.served)}),
          ${whole(refused)} throttled</span
        ></span
      >
    </li>`;
  });
  return markup`<ul class="lg">
    ${entries}${
      pool.refused === 0
        ? nothing
        : markup`<li>
            ${swatch('r')}<span>Throttled<br /><span class="m">all callers together</span></span>
          </li>`
    }${
      hasWindows
        ? markup`<li>
            ${swatch('w')}<span>Time with throttled calls<br /><span class="m">and the minute before</span></span>
          </li>`
        : nothing
    }
  </ul>`;
}

/** The period with the most throttled calls, minute by minute: long bars hide short peaks. */
function closeUp(
  pool: PoolTimeline,
  worst: { from: number; to: number },
  bands: readonly { from: number; to: number }[],
  culprits: ReadonlySet<string>,
  id: string,
): Markup {
  const around = Math.max(
    10 * MINUTE,
    Math.floor((CLOSE_UP_MINUTES * MINUTE - (worst.to - worst.from)) / 2 / MINUTE) * MINUTE,
  );
  const bins = binsOf(worst.from - around, worst.to + around);
  const title = `${capitalized(poolInWords(pool.pool))}, ${period(worst.from, worst.to)}: served and throttled calls per ${perBin(bins)}`;
  const series = seriesOf(pool, bins, culprits);
  return markup`<h4>The period with the most throttled calls: ${period(worst.from, worst.to)}, calls per ${perBin(bins)}</h4>
    ${chart({ id: `${id}-w`, title, description: 'The colours are those of the chart above.', bins, series, windows: bands })}${chartTable({ title, bins, series })}`;
}
