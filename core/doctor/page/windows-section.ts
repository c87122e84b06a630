import type { RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import { percent, whole } from '../questions/numbers.ts';
import type { PoolTimeline } from './binned-timeline.ts';
import { markup, type Markup } from './markup.ts';
import { capitalized, poolInWords, shortName } from './names.ts';
import { length, periodOf, secondsOf } from './times.ts';

const MOST_ROWS = 200;
const MINUTE = 60;

/** The times with throttled calls as a table; those with the most throttled calls if there are many. */
export function* windowsSection(windows: readonly RefusedWindow[], pools: readonly PoolTimeline[]): Generator<string> {
  if (windows.length === 0) return;
  const most = new Set([...windows].sort((a, b) => b.refused - a.refused).slice(0, MOST_ROWS));
  const servedMost = servedMostIn(windows, pools);
  yield '<h2 id="windows">When calls were throttled</h2>';
  yield '<table class="st"><thead><tr><th>Limit</th><th>Time</th><th>Length</th><th class="n">Served</th><th class="n">Throttled</th><th>Most calls served to</th></tr></thead><tbody>';
  for (const window of windows.filter((one) => most.has(one))) {
    const { pool, from, to, served, refused } = window;
    const seconds = (secondsOf(to) ?? 0) - (secondsOf(from) ?? 0);
    yield markup`<tr>
      <td class="a">${capitalized(poolInWords(pool))}</td>
      <td>${periodOf(from, to)}</td>
      <td data-l="Length">${length(Math.max(seconds, 0))}</td>
      <td class="n" data-l="Served">${whole(served)}</td>
      <td class="n" data-l="Throttled">
        ${whole(refused)} <span class="d">(${percent(refused === 0 ? 0 : refused / (served + refused))})</span>
      </td>
      <td class="a" data-l="Most calls served to">${servedMost(window)}</td>
    </tr>`.text;
  }
  yield '</tbody></table>';
  if (windows.length > most.size)
    yield `<p>${whole(windows.length - most.size)} more, with fewer throttled calls, are not shown. The output of --json has all.</p>`;
  yield '<p class="m">Consecutive minutes in which calls were throttled, and the minute before. Requests of AWS services to STS are not counted, because they do not use the account’s limit.</p>';
}

/** The caller that was served the most calls in a window. */
function servedMostIn(
  windows: readonly RefusedWindow[],
  pools: readonly PoolTimeline[],
): (window: RefusedWindow) => Markup {
  const served = new Map<RefusedWindow, Map<string, number>>();
  for (const { pool, rows } of pools) {
    const windowOf = windowsByMinute(windows.filter((window) => window.pool === pool));
    for (const row of rows) {
      const window = windowOf.get(row.minute);
      if (window === undefined) continue;
      const byCaller = served.get(window) ?? new Map<string, number>();
      served.set(window, byCaller.set(row.caller, (byCaller.get(row.caller) ?? 0) + row.served));
    }
  }
  return (window) => {
    const [first] = [...(served.get(window) ?? [])].sort(([, a], [, b]) => b - a);
    return first === undefined || first[1] === 0
      ? markup`<span class="m">unknown</span>`
      : markup`<bdi>${shortName(first[0])}</bdi> <span class="m">(${whole(first[1])})</span>`;
  };
}

function windowsByMinute(windows: readonly RefusedWindow[]): Map<number, RefusedWindow> {
  const byMinute = new Map<number, RefusedWindow>();
  for (const window of windows) {
    const [from, to] = [secondsOf(window.from), secondsOf(window.to)];
    if (from === null || to === null) continue;
    for (let minute = from; minute < to; minute += MINUTE) byMinute.set(minute, window);
  }
  return byMinute;
}
