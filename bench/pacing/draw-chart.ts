/** Draws the rate over time in typical scenarios. `npm run docs:pacing` writes docs/pacing.svg. */
import { writeFile } from 'node:fs/promises';
import { BucketController } from '../../core/pacing/controller/bucket-controller.ts';
import { freshState, type ControllerState } from '../../core/pacing/controller/controller-state.ts';
import { PacedQueue } from '../../core/pacing/paced-queue.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { isThrottle, nextDayState, sendPaced, defaultPacing } from './paced-calls.ts';
import { CALLS, simulationSettings, type Scenario } from './scenarios.ts';
import { availableRates } from './shortest-time.ts';
import { Simulation } from './simulation.ts';

interface Point {
  readonly seconds: number;
  readonly rate: number;
  readonly throttled: boolean;
}

interface Panel {
  readonly title: string;
  readonly scenario: Scenario;
  /** The rate of the day before, divided by today's rate. Null on a first day. */
  readonly yesterday: number | null;
}

const LIMIT: Limit = { rate: 10, size: 50 };
const SEED = 1;
const panels: readonly Panel[] = [
  { title: 'First day, alone', scenario: 'alone', yesterday: null },
  { title: 'With memory, bystander at 20 %', scenario: 'bystander20', yesterday: 1 },
  { title: 'First day, bystander at 60 %', scenario: 'bystander60', yesterday: null },
  { title: 'First day, the rate is halved', scenario: 'halved', yesterday: null },
  { title: 'With memory, the rate was doubled since the day before', scenario: 'alone', yesterday: 0.5 },
  { title: 'With memory, the rate is halved, bystander at 20 %', scenario: 'halved-bystander20', yesterday: 1 },
];

async function startOf({ scenario, yesterday }: Panel): Promise<ControllerState> {
  if (yesterday === null) return freshState(0);
  const past = new Simulation(
    simulationSettings(scenario, { ...LIMIT, rate: LIMIT.rate * yesterday }, CALLS, SEED + 1),
  );
  return nextDayState(await sendPaced(past, CALLS, defaultPacing), defaultPacing);
}

/** The rate after every answer. */
async function trace(panel: Panel): Promise<Point[]> {
  const points: Point[] = [];
  const simulation = new Simulation(simulationSettings(panel.scenario, LIMIT, CALLS, SEED));
  const controller = new BucketController(await startOf(panel));
  const queue = new PacedQueue({ controller, clock: simulation.clock, random: simulation.random, isThrottle });
  const send = async (call: () => Promise<void>): Promise<void> => {
    const addPoint = (throttled: boolean): void => {
      points.push({ seconds: simulation.clock.now() / 1000, rate: controller.rate, throttled });
    };
    try {
      await call();
      addPoint(false);
    } catch (error: unknown) {
      addPoint(true);
      throw error;
    }
  };
  const sendNext = (): Promise<void> => {
    const call = simulation.newCall();
    return queue.call(() => send(call));
  };
  await Promise.all(Array.from({ length: CALLS }, sendNext));
  return points;
}

const WIDTH = 420;
const HEIGHT = 190;
const INSET = { left: 40, right: 10, top: 30, bottom: 28 };
const MOST_RATE = 20;

function drawing(panel: Panel, points: readonly Point[], column: number, row: number): string {
  const { disturbances } = simulationSettings(panel.scenario, LIMIT, CALLS, SEED);
  const end = points.at(-1)?.seconds ?? 1;
  const x = (seconds: number): string => (INSET.left + (seconds / end) * (WIDTH - INSET.left - INSET.right)).toFixed(1);
  const y = (rate: number): string =>
    (HEIGHT - INSET.bottom - (Math.min(rate, MOST_RATE) / MOST_RATE) * (HEIGHT - INSET.top - INSET.bottom)).toFixed(1);
  const available = availableRates(LIMIT, disturbances, end * 1000).flatMap(
    ({ fromMs, toMs, perSecond }): (readonly [number, number])[] => [
      [fromMs / 1000, perSecond],
      [toMs / 1000, perSecond],
    ],
  );
  const line = (pairs: readonly (readonly [number, number])[]): string =>
    pairs.map(([seconds, rate]) => `${x(seconds)},${y(rate)}`).join(' ');
  // A pixel needs no more than two points.
  const every = Math.max(1, Math.floor(points.length / (WIDTH * 2)));
  const shown = points.filter((point, n) => n % every === 0 || point.throttled);
  const throttles = points.filter(({ throttled }) => throttled);
  const grid = [0, 5, 10, 15, 20].map(
    (rate) =>
      `<line class="g" x1="${INSET.left}" x2="${WIDTH - INSET.right}" y1="${y(rate)}" y2="${y(rate)}"/><text x="${INSET.left - 6}" y="${y(rate)}" class="n">${rate}</text>`,
  );
  return [
    `<g transform="translate(${column * WIDTH} ${row * HEIGHT})">`,
    `<text x="${INSET.left}" y="18" class="t">${panel.title}</text>`,
    ...grid,
    `<text x="${WIDTH - INSET.right}" y="${HEIGHT - 8}" class="n">${end.toFixed(0)} s, ${throttles.length} of ${points.length} throttled</text>`,
    `<polyline class="a" points="${line(available)}"/>`,
    `<polyline class="r" points="${line(shown.map(({ seconds, rate }) => [seconds, rate]))}"/>`,
    ...throttles.map(({ seconds, rate }) => `<circle class="x" cx="${x(seconds)}" cy="${y(rate)}" r="2.2"/>`),
    '</g>',
  ].join('\n');
}

const drawings: string[] = [];
for (const [n, panel] of panels.entries()) drawings.push(drawing(panel, await trace(panel), n % 2, n >> 1));
const rows = Math.ceil(panels.length / 2);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${rows * HEIGHT}" role="img" aria-label="Calls per second over time in six scenarios">
<style>svg{background:#fff;font:11px system-ui,sans-serif}.t{font-weight:600;font-size:13px}.n{text-anchor:end;dominant-baseline:middle;fill:#5b6b7a}.g{stroke:#e3e9ee}.a{fill:none;stroke:#17693a;stroke-width:1.5;stroke-dasharray:5 3}.r{fill:none;stroke:#1f5fbf;stroke-width:1.3}.x{fill:#c4232e}</style>
${drawings.join('\n')}
</svg>
`;
await writeFile(new URL('../../docs/pacing.svg', import.meta.url), svg);
process.stderr.write('Wrote docs/pacing.svg.\n');
