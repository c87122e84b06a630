import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveMonotoneX, line, stack } from 'd3-shape';
import type { JSX } from 'preact';
import { Scroll } from './parts.tsx';

const WIDTH = 720;
const HEIGHT = 220;
const MARGIN = { top: 12, right: 30, bottom: 28, left: 48 } as const;

export interface Series {
  readonly name: string;
  /** A class of the style sheet that gives the colour and the form of the line. */
  readonly class: string;
  readonly values: readonly number[];
}

interface ChartProps {
  readonly title: string;
  /** Milliseconds since the epoch, ascending. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly kind: 'lines' | 'stack';
  readonly format?: (value: number) => string;
}

const plain = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });

/** A chart over time. The table below it has the same numbers, for readers who can't see it. */
export function TimeChart({ title, times, series, kind, format = plain }: ChartProps): JSX.Element {
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  // A single time would be a point at the left edge.
  const x = scaleUtc([first, last === first ? first + 1 : last], [MARGIN.left, WIDTH - MARGIN.right]);
  const sums = times.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const top = Math.max(1e-9, ...(kind === 'stack' ? sums : series.flatMap(({ values }) => values)));
  const y = scaleLinear([0, top], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(4);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="legend">
          {series.map((one) => (
            <span key={one.name} class={one.class}>
              <i aria-hidden="true" /> {one.name}
            </span>
          ))}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}. The table below has the numbers.`}>
        {y.ticks(4).map((tick) => (
          <g key={tick} class="tick">
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y(tick)} y2={y(tick)} />
            <text x={MARGIN.left - 6} y={y(tick)} dy="0.32em" text-anchor="end">
              {format(tick)}
            </text>
          </g>
        ))}
        {x.ticks(6).map((tick) => (
          <text key={tick.getTime()} class="tick" x={x(tick)} y={HEIGHT - 8} text-anchor="middle">
            {timeLabel(tick, last - first)}
          </text>
        ))}
        {kind === 'stack' ? stacked(times, series, x, y) : lined(times, series, x, y)}
      </svg>
      <details>
        <summary>The numbers</summary>
        <Scroll label={`Numbers of: ${title}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time (UTC)</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((time, index) => (
                <tr key={time}>
                  <th scope="row">{new Date(time).toISOString().slice(0, 19).replace('T', ' ')}</th>
                  {series.map(({ name, values }) => (
                    <td key={name} class="number">
                      {format(values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </figure>
  );
}

type Scale = (value: number) => number;

function lined(times: readonly number[], series: readonly Series[], x: Scale, y: Scale): JSX.Element[] {
  return series.map(({ name, class: style, values }) => {
    const points = times.map((time, index): [number, number] => [x(time), y(values[index] ?? 0)]);
    const only = points.length === 1 ? points[0] : undefined;
    return only === undefined ? (
      <path key={name} class={`line ${style}`} d={line().curve(curveMonotoneX)(points) ?? ''} />
    ) : (
      <circle key={name} class={`dot ${style}`} cx={only[0]} cy={only[1]} r={4} />
    );
  });
}

function stacked(times: readonly number[], series: readonly Series[], x: Scale, y: Scale): JSX.Element[] {
  const rows = times.map((_, index) =>
    Object.fromEntries(series.map(({ name, values }) => [name, values[index] ?? 0])),
  );
  const layers = stack<Record<string, number>>().keys(series.map(({ name }) => name))(rows);
  return layers.map((layer, index) => {
    const style = series[index]?.class ?? '';
    const [only] = layer;
    if (layer.length === 1 && only !== undefined) {
      const [from, to] = only;
      return (
        <rect key={style} class={`area ${style}`} x={x(times[0] ?? 0)} width={24} y={y(to)} height={y(from) - y(to)} />
      );
    }
    const shape = area<(typeof layer)[number]>()
      .x((_, n) => x(times[n] ?? 0))
      .y0(([from]) => y(from))
      .y1(([, to]) => y(to));
    return <path key={style} class={`area ${style}`} d={shape(layer) ?? ''} />;
  });
}

function timeLabel(time: Date, spanMs: number): string {
  const iso = time.toISOString();
  if (spanMs > 2 * 86_400_000) return iso.slice(5, 10);
  return spanMs > 10 * 60_000 ? iso.slice(11, 16) : iso.slice(11, 19);
}
