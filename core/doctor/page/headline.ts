import type { Answer, CallerAnswer, Diagnosis, RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import type { Examination } from '../diagnosis/examine.ts';
import { counted, percent, whole } from '../questions/numbers.ts';
import { sumOf, type PoolTimeline } from './binned-timeline.ts';
import { habit, toChange } from './changes.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { poolInWords, shortName } from './names.ts';
import { since, times } from './throttled-times.ts';

const MOST_CULPRITS = 3;
/** Limits that are named at the top; the table of periods has all. */
const MOST_LEADS = 5;

/** The answer in one sentence, and what to do about it. */
export function headline(
  diagnosis: Diagnosis,
  pools: readonly PoolTimeline[],
  byPool: Examination['culprits'],
): Markup {
  const found = diagnosis.questions.filter(({ verdict }) => verdict === 'found');
  const culprits = found.find(({ id }) => id === 'callers')?.callers ?? [];
  if (culprits.length > 0) return culpritsFound(diagnosis, culprits, pools, byPool);
  return found.length > 0 ? habitsFound(diagnosis, found) : nothingFound(diagnosis);
}

function culpritsFound(
  diagnosis: Diagnosis,
  culprits: readonly CallerAnswer[],
  pools: readonly PoolTimeline[],
  byPool: Examination['culprits'],
): Markup {
  const { source, refused } = diagnosis;
  const inPools = [...orderedPools(pools, byPool)].flatMap((pool) => {
    const own = culprits.filter(({ caller }) => byPool.get(pool)?.has(caller) === true);
    return own.length === 0 ? [] : [{ pool, own }];
  });
  const poolOf = (culprit: CallerAnswer): string | null =>
    inPools.find(({ own }) => own.includes(culprit))?.pool ?? null;
  const elsewhere = culprits.filter((culprit) => poolOf(culprit) === null);
  const leads = [...inPools, ...(elsewhere.length === 0 ? [] : [{ pool: null, own: elsewhere }])].map(
    ({ pool, own }) => {
      const windows = refused.windows.filter((window) => pool === null || window.pool === pool);
      return lead(own, pool, windows, source.to);
    },
  );
  const more =
    culprits.length > MOST_CULPRITS ? markup`<p><a href="#q-callers">All ${culprits.length} callers</a></p>` : nothing;
  return markup`<h1>Throttling of IAM and STS: <span class="critical">cause found</span></h1>
    ${leads.slice(0, MOST_LEADS)}
    ${leads.length > MOST_LEADS ? markup`<p><a href="#windows">${leads.length - MOST_LEADS} more limits used up by these callers</a></p>` : nothing}
    <h2 class="wc">What to change</h2>
    <ul class="ch">
      ${culprits.slice(0, MOST_CULPRITS).map((culprit) => toChange(culprit, diagnosis, poolOf(culprit)))}
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

/** The limits that callers used up, in the order of the charts. */
const orderedPools = (pools: readonly PoolTimeline[], byPool: Examination['culprits']): ReadonlySet<string> =>
  new Set([...pools.map(({ pool }) => pool), ...byPool.keys()]);

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
    ${habits.length === 0 ? nothing : markup`<h2 class="wc">What to change</h2><ul class="ch">${habits.map((one) => habit(one, source))}</ul>`}`;
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
