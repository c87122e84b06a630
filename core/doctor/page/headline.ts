import type { Answer, CallerAnswer, Diagnosis, QuestionId, RefusedWindow } from '../../contract/doctor.ts';
import { counted, percent, whole } from '../questions/numbers.ts';
import { sumOf, type PoolTimeline } from './binned-timeline.ts';
import { cut, joined, markup, nothing, type Markup } from './markup.ts';
import { poolInWords, shortName } from './names.ts';
import { titles } from './question-section.ts';
import { dateAndClock, length, period, secondsOf } from './times.ts';

/** Throttling in the last minutes of the logs may still go on. */
const ONGOING_SECONDS = 600;
const MOST_CULPRITS = 3;
/** Of a caller's name. */
const MOST_CHARACTERS = 200;

/** The answer in one sentence, and what to do about it. */
export function headline(diagnosis: Diagnosis, pools: readonly PoolTimeline[]): Markup {
  const found = diagnosis.questions.filter(({ verdict }) => verdict === 'found');
  const culprits = found.find(({ id }) => id === 'callers')?.callers ?? [];
  const [first] = culprits;
  if (first !== undefined) return culpritsFound(diagnosis, culprits, first, pools);
  return found.length > 0 ? habitsFound(diagnosis, found) : nothingFound(diagnosis);
}

function culpritsFound(
  diagnosis: Diagnosis,
  culprits: readonly CallerAnswer[],
  first: CallerAnswer,
  pools: readonly PoolTimeline[],
): Markup {
  const { source, questions } = diagnosis;
  const pool = poolOf(first, pools, diagnosis.refused.windows);
  const windows = diagnosis.refused.windows.filter((window) => pool === null || window.pool === pool);
  const others = culprits.length - 1;
  const limit = pool === null ? 'IAM and STS' : poolInWords(pool);
  const refused = sumOf(windows, (window) => window.refused);
  const all = refused + sumOf(windows, (window) => window.served);
  const share = all === 0 ? '' : ` of ${whole(all)} calls (${percent(refused / all)})`;
  const lead = markup`<p class="ld a">
      <b><bdi>${shortName(first.caller)}</bdi></b
      >${others > 0 ? ` and ${counted(others, 'more caller')}` : ''} used up the rate of ${limit}: ${since(windows)}AWS
      throttled ${whole(refused)}${share}.
    </p>
    <p>${times(windows, source.to)} <a class="np" href="#windows">Served and throttled calls of each period</a></p>`;
  const items = culprits
    .slice(0, MOST_CULPRITS)
    .map((culprit) => toChange(culprit, questions, poolOf(culprit, pools, diagnosis.refused.windows)));
  const more =
    culprits.length > MOST_CULPRITS ? markup`<p><a href="#q-callers">All ${culprits.length} callers</a></p>` : nothing;
  return markup`<h1>Throttling of IAM and STS: <span class="critical">cause found</span></h1>
    ${lead}
    <h2 class="wc">What to change</h2>
    <ul class="ch">
      ${items}
    </ul>
    ${more}`;
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

interface Time {
  readonly from: number;
  readonly to: number;
  readonly refused: number;
}

/** The windows in order of time; those without a readable time are left out. */
const timesOf = (windows: readonly RefusedWindow[]): Time[] =>
  windows
    .flatMap(({ from, to, refused }) => {
      const [start, end] = [secondsOf(from), secondsOf(to)];
      return start === null || end === null ? [] : [{ from: start, to: end, refused }];
    })
    .sort((a, b) => a.from - b.from);

function since(windows: readonly RefusedWindow[]): string {
  const [first] = timesOf(windows);
  return first === undefined ? '' : `since ${dateAndClock(first.from)} UTC, `;
}

/** How often and how long calls were throttled, and whether that may still go on. */
function times(windows: readonly RefusedWindow[], end: string): string {
  const all = timesOf(windows);
  const last = all.at(-1);
  if (last === undefined) return '';
  const worst = all.reduce((most, one) => (one.refused > most.refused ? one : most), last);
  const ongoing = last.to >= (secondsOf(end) ?? Infinity) - ONGOING_SECONDS;
  const when = `${period(last.from, last.to)} (${length(last.to - last.from)})`;
  return [
    all.length === 1
      ? `Throttled once: ${when}.`
      : `Throttled ${all.length} times, the last ${when}; the most calls ${worst === last ? 'then' : period(worst.from, worst.to)}.`,
    ongoing ? 'The logs end then, so it may still go on.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** The habits that cost calls of each service. The others of a caller are faults too, but do not throttle this limit. */
const habitsOf: Readonly<Record<'iam' | 'sts', readonly QuestionId[]>> = {
  iam: ['backoff', 'bursts', 'policy-writes'],
  sts: ['backoff', 'credential-cache', 'session-duration', 'sts-endpoint'],
};

/** What one caller has to change: its habit with the largest saving in the throttled limit, or else the general remedy. */
function toChange(culprit: CallerAnswer, questions: readonly Answer[], pool: string | null): Markup {
  const relevant =
    pool === null ? [...habitsOf.iam, ...habitsOf.sts] : habitsOf[pool.startsWith('sts:') ? 'sts' : 'iam'];
  const habits = questions
    .filter(({ id, verdict }) => verdict === 'found' && relevant.includes(id))
    .flatMap(({ id, callers }) =>
      callers.filter(({ caller }) => caller === culprit.caller).map((answer) => ({ id, answer })),
    )
    .sort((a, b) => (b.answer.saves?.callsPerHour ?? 0) - (a.answer.saves?.callsPerHour ?? 0));
  const [main] = habits;
  const remedy = main?.answer.remedy ?? culprit.remedy;
  const ids: readonly QuestionId[] = main === undefined ? ['callers'] : habits.map(({ id }) => id);
  const links = joined(
    [...new Set(ids)].map((id) => markup`<a href="#q-${id}">${titles[id]}</a>`),
    markup`, `,
  );
  const saves = main?.answer.saves ?? null;
  return markup`<li class="a">
    <b><bdi>${shortName(culprit.caller)}</bdi></b
    >:
    ${firstSentence(remedy.text)}${saves === null ? '' : ` This saves about ${whole(saves.callsPerHour)} calls an hour.`}
    <span class="np">Details and code: ${links}</span><br /><span class="m">${cut(culprit.caller, MOST_CHARACTERS)}</span>
  </li>`;
}

const firstSentence = (text: string): string => /^.{20,}?\.(?=\s)/s.exec(text)?.[0] ?? text;

function habitsFound({ refused, source }: Diagnosis, found: readonly Answer[]): Markup {
  const throttled =
    refused.calls === 0
      ? `The logs hold no throttled call among ${counted(source.audited, 'call')}, but some callers use more of the rate than they need.`
      : `AWS throttled ${whole(refused.calls)} of ${counted(source.audited, 'call')}. No single caller used the rate up.`;
  const rows = found.map(
    ({ id, summary }) => markup`<li class="a"><a href="#q-${id}">${titles[id]}</a>: ${summary}</li>`,
  );
  return markup`<h1>
      Throttling of IAM and STS:
      <span class="high">${found.length === 1 ? 'one habit' : `${found.length} habits`} to change</span>
    </h1>
    <p class="ld a">${throttled}</p>
    <ul class="ch">
      ${rows}
    </ul>`;
}

function nothingFound({ questions, refused, source }: Diagnosis): Markup {
  const unknown = questions.filter(({ verdict }) => verdict === 'unknown');
  const throttled =
    source.audited === 0
      ? 'The logs hold no call to IAM or STS.'
      : refused.calls === 0
        ? `The logs hold ${counted(source.audited, 'call')} to IAM and STS, none of them throttled.`
        : `AWS throttled ${whole(refused.calls)} of ${counted(source.audited, 'call')}.`;
  const limits = [
    ...(unknown.length > 0 ? [`${unknown.length} of ${questions.length} questions open`] : []),
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
