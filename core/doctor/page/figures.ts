import { percent, whole } from '../questions/numbers.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { length } from './times.ts';

type Unit = 'count' | 'share' | 'percent' | 'seconds' | 'length';

/** The figures of all questions, with the unit of each. */
const names: Readonly<Record<string, readonly [label: string, unit: Unit]>> = {
  accountRefused: ['Throttled calls of the account', 'count'],
  avoidable: ['Avoidable sessions', 'count'],
  avoidableInBusiestHour: ['Avoidable sessions in the busiest hour', 'count'],
  avoidableShare: ['Share of avoidable sessions', 'share'],
  blameShare: ['Share of the throttled calls that it accounts for', 'share'],
  busyMinutes: ['Minutes with bursts', 'count'],
  calls: ['Calls', 'count'],
  firstRetries: ['First retries', 'count'],
  globalCalls: ['Calls to the global endpoint', 'count'],
  globalRefused: ['Throttled calls to the global endpoint', 'count'],
  laterRetries: ['Fourth and later retries', 'count'],
  longestChain: ['Most retries of one call', 'count'],
  longestSeconds: ['Longest session possible', 'length'],
  meanSecondsBeforeFirst: ['Mean wait before the first retry', 'seconds'],
  meanSecondsBeforeLater: ['Mean wait before the fourth and later retries', 'seconds'],
  meanSecondsBeforeNext: ['Mean wait before the second and third retry', 'seconds'],
  minutes: ['Minutes in which it was active', 'count'],
  minutesInBusiestHour: ['Active minutes in the busiest hour', 'count'],
  nextRetries: ['Second and third retries', 'count'],
  peakPerMinute: ['Most calls in a minute', 'count'],
  poolRefused: ['Throttled calls of all callers at that time', 'count'],
  poolServed: ['Served calls of all callers at that time', 'count'],
  processes: ['Processes', 'count'],
  recipientAccounts: ['Accounts that it calls', 'count'],
  refused: ['Throttled calls', 'count'],
  refusedInPool: ['Throttled calls of all callers at that time', 'count'],
  refusedPercentInPool: ['Share of throttled calls at that time', 'percent'],
  refusedShare: ['Share of throttled calls', 'share'],
  renewals: ['Renewals of sessions', 'count'],
  roles: ['Roles that it assumes', 'count'],
  saved: ['Calls that longer sessions save', 'count'],
  served: ['Served calls', 'count'],
  servedShare: ['Share of the served calls at that time', 'share'],
  sessionSeconds: ['Mean length of a session', 'length'],
  sessions: ['Sessions', 'count'],
  shareOfAccount: ['Share of the calls of its account', 'share'],
  shareOfAll: ['Share of all calls', 'share'],
  shortestSession: ['Shortest session', 'length'],
  targets: ['Policies, roles, users and groups that it changes', 'count'],
  writes: ['Changes', 'count'],
  writesInBusiestHour: ['Changes in the busiest hour', 'count'],
};

/** Pairs of figures that are shown in one row: now, and with the remedy. */
const pairs: Readonly<Record<string, string>> = { perHour: 'Calls an hour', peakPerMinute: 'Most calls in a minute' };

/** A small table. A figure that is not known here is shown with its own name. */
export function figuresTable(figures: Readonly<Record<string, number>>): Markup {
  const changes = Object.entries(pairs).flatMap(([name, label]) => {
    const [before, after] = [figures[`${name}Before`], figures[`${name}After`]];
    return before === undefined || after === undefined ? [] : [change(label, before, after)];
  });
  const shown = Object.keys(pairs).filter((name) => `${name}Before` in figures && `${name}After` in figures);
  const inPairs = new Set(shown.flatMap((name) => [`${name}Before`, `${name}After`]));
  const rows = Object.entries(figures)
    .filter(([name]) => !inPairs.has(name))
    .map(([name, value]) => {
      const [label, unit] = (Object.hasOwn(names, name) ? names[name] : undefined) ?? [inWords(name), 'count'];
      return markup`<tr>
        <th scope="row" class="a">${label}</th>
        <td class="n">${inUnit(value, unit)}</td>
      </tr>`;
    });
  return rows.length + changes.length === 0
    ? nothing
    : markup`<table class="fg">
        <tbody>
          ${changes}${rows}
        </tbody>
      </table>`;
}

/** Both numbers, and bars in proportion to them. */
function change(label: string, before: number, after: number): Markup {
  const most = Math.max(before, after, 1e-9);
  const bar = (value: number, kind: 'before' | 'after') =>
    markup`<span class="br ${kind}" style="width:${Math.max(0, Math.round((100 * value) / most))}%"></span>`;
  return markup`<tr>
    <th scope="row">${label}</th>
    <td class="n bw">
      <b>${amount(before)}</b> now${bar(before, 'before')}<b>${amount(after)}</b> with the remedy${bar(after, 'after')}
    </td>
  </tr>`;
}

function inUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'count':
      return amount(value);
    case 'share':
      return percent(value);
    case 'percent':
      return percent(value / 100);
    case 'seconds':
      return `${value.toFixed(2)} s`;
    case 'length':
      return length(value);
  }
}

/** Whole numbers; small ones with one decimal. */
const amount = (value: number): string =>
  Math.abs(value) >= 10 || Number.isInteger(value) ? whole(value) : value.toFixed(1);

const inWords = (name: string): string => {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
