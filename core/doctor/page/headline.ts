import type { Answer, CallerAnswer, Diagnosis, RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { counted, percent, whole } from '../questions/numbers.ts';
import { sumOf, type PoolTimeline } from './binned-timeline.ts';
import { habit, toChange } from './changes.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { poolInWords, shortName } from './names.ts';
import { since, times } from './throttled-times.ts';

const MOST_CULPRITS = 3;

/** The answer in one sentence, and what to do about it. */
export function headline(diagnosis: Diagnosis, pools: readonly PoolTimeline[]): Markup {
  const found = diagnosis.questions.filter(({ verdict }) => verdict === 'found');
  const culprits = found.find(({ id }) => id === 'callers')?.callers ?? [];
  if (culprits.length > 0) return culpritsFound(diagnosis, culprits, pools);
  return found.length > 0 ? habitsFound(diagnosis, found) : nothingFound(diagnosis);
}

function culpritsFound(
  { source, questions, refused }: Diagnosis,
  culprits: readonly CallerAnswer[],
  pools: readonly PoolTimeline[],
): Markup {
  const placed = culprits.map((culprit) => ({ culprit, pool: poolOf(culprit, pools, refused.windows) }));
  const leads = groupedBy(placed, ({ pool }) => pool ?? '').map((own) => {
    const pool = own[0]?.pool ?? null;
    const windows = refused.windows.filter((window) => pool === null || window.pool === pool);
    return lead(
      own.map(({ culprit }) => culprit),
      pool,
      windows,
      source.to,
    );
  });
  const more =
    culprits.length > MOST_CULPRITS ? markup`<p><a href="#q-callers">All ${culprits.length} callers</a></p>` : nothing;
  return markup`<h1>Throttling of IAM and STS: <span class="critical">cause found</span></h1>
    ${leads}
    <h2 class="wc">What to change</h2>
    <ul class="ch">
      ${placed.slice(0, MOST_CULPRITS).map(({ culprit, pool }) => toChange(culprit, questions, pool))}
    </ul>
    ${more}`;
}

/** Which callers used the rate of one limit up, and since when. */
function lead(
  [first, ...others]: readonly CallerAnswer[],
  pool: string | null,
  windows: readonly RefusedWindow[],
  end: string,
): Markup {
  if (first === undefined) return nothing;
  const refused = sumOf(windows, (window) => window.refused);
  const all = refused + sumOf(windows, (window) => window.served);
  const share = all === 0 ? '' : ` of ${whole(all)} calls (${percent(refused / all)})`;
  const more = others.length === 0 ? '' : ` and ${counted(others.length, 'more caller')}`;
  const limit = pool === null ? 'IAM and STS' : poolInWords(pool);
  return markup`<p class="ld a">
      <b><bdi>${shortName(first.caller)}</bdi></b
      >${more} used up the rate of ${limit}: ${since(windows)}AWS throttled ${whole(refused)}${share}.
    </p>
    ${windows.length === 0 ? nothing : markup`<p>${times(windows, end)} <a class="np" href="#windows">Served and throttled calls of each period</a></p>`}`;
}

/** The throttled limit in which a caller was served the most calls; null if the timeline does not name it. */
function poolOf(
  { caller }: CallerAnswer,
  pools: readonly PoolTimeline[],
  windows: readonly RefusedWindow[],
): string | null {
  const throttled = new Set(windows.map(({ pool }) => pool));
  const served = pools
    .filter(({ pool }) => throttled.has(pool))
    .map(({ pool, rows }) => ({ pool, served: sumOf(rows, (row) => (row.caller === caller ? row.served : 0)) }))
    .sort((a, b) => b.served - a.served);
  const [most] = served;
  return most === undefined || (most.served === 0 && served.length > 1) ? null : most.pool;
}

function habitsFound(diagnosis: Diagnosis, found: readonly Answer[]): Markup {
  const { refused, source } = diagnosis;
  const habits = found.filter(({ id }) => id !== 'callers');
  const title =
    habits.length === 0
      ? 'no single cause'
      : habits.length === 1
        ? 'one habit to change'
        : `${habits.length} habits to change`;
  const throttled =
    refused.calls === 0
      ? `The logs contain no throttled call among ${counted(source.audited, 'call')}, but some callers use more of the rate than they need.`
      : throttledInWords(diagnosis);
  return markup`<h1>Throttling of IAM and STS: <span class="high">${title}</span></h1>
    <p class="ld a">${throttled}</p>
    ${habits.length === 0 ? nothing : markup`<h2 class="wc">What to change</h2><ul class="ch">${habits.map(habit)}</ul>`}`;
}

/** A sentence about throttled calls that no single caller causes. */
const throttledInWords = ({ questions, refused, source }: Diagnosis): string =>
  questions.find(({ id, verdict }) => id === 'callers' && verdict !== 'unknown')?.summary ??
  `AWS throttled ${whole(refused.calls)} of ${counted(source.audited, 'call')}.`;

function nothingFound(diagnosis: Diagnosis): Markup {
  const { questions, refused, source } = diagnosis;
  const unknown = questions.filter(({ verdict }) => verdict === 'unknown');
  const throttled =
    source.audited === 0
      ? 'The logs contain no call to IAM or STS.'
      : refused.calls === 0
        ? `The logs contain ${counted(source.audited, 'call')} to IAM and STS, none of them throttled.`
        : throttledInWords(diagnosis);
  const limits = [
    ...(unknown.length > 0 ? [`${unknown.length} of ${questions.length} questions without an answer`] : []),
    ...(source.complete ? [] : ['logs incomplete']),
    ...(source.audited === 0 ? ['no call to examine'] : []),
  ];
  const title =
    limits.length === 0
      ? markup`<span class="COMPLETE">nothing found</span>`
      : markup`<span class="PARTIAL">nothing found, ${limits.join(', ')}</span>`;
  const rest = unknown[0]?.reason ?? (limits.length === 0 ? 'No caller has a habit that causes throttling.' : '');
  return markup`<h1>Throttling of IAM and STS: ${title}</h1>
    <p class="ld a">${throttled} ${rest}</p>`;
}
