import type {
  Answer,
  CallerAnswer,
  CallerKind,
  Client,
  Diagnosis,
  DoctorSource,
  QuestionId,
  Remedy,
  Verdict,
} from '../../contract/doctor/diagnosis.ts';
import { severities } from '../../contract/finding.ts';
import { clientInWords } from '../clients/client-in-words.ts';
import { savingInWords } from '../diagnosis/saving-in-words.ts';
import { whole } from '../questions/numbers.ts';
import { figuresTable } from './figures.ts';
import { cut, longText, markup, nothing, type Markup } from './markup.ts';
import { shortName } from './names.ts';

/** What a question asks and how it is answered. */
export type Explain = (id: QuestionId) => { readonly asks: string; readonly method: string };

const verdicts: Readonly<Record<Verdict, string>> = { found: 'Found', 'in-order': 'In order', unknown: 'Unknown' };
const marks: Readonly<Record<Verdict, string>> = { found: '!', 'in-order': '✓', unknown: '?' };

/** The names of the questions in headings. */
export const titles: Readonly<Record<QuestionId, string>> = {
  callers: 'Who uses the rate up',
  backoff: 'Retries without backoff',
  'credential-cache': 'Sessions that are not used again',
  'session-duration': 'Short sessions',
  bursts: 'Bursts of reads',
  'policy-writes': 'Policies changed at run time',
  'sts-endpoint': 'The global STS endpoint',
  accounts: 'Load of one account',
};

/** Null where the name begins with the kind. */
const kinds: Readonly<Record<CallerKind, string | null>> = {
  role: null,
  user: null,
  root: 'root user',
  service: 'AWS service',
  identity: 'identity of another account',
};

/** Further callers are in an element that is closed at first, so that a page with hundreds of callers stays short. */
const MOST_CALLERS = 10;

export const verdictMark = (verdict: Verdict): Markup =>
  markup`<span class="v v-${verdict}"><span aria-hidden="true">${marks[verdict]}</span> ${verdicts[verdict]}</span>`;

/** The verdicts of all questions, each with a link to its section. */
export const verdictList = ({ questions }: Diagnosis): Markup =>
  markup`<ol class="vl">
    ${questions.map(
      ({ id, verdict, summary }) =>
        markup`<li>
          ${verdictMark(verdict)}<span class="a"
            ><a href="#q-${id}">${titles[id]}</a><br /><span class="m">${cut(summary, 400)}</span></span
          >
        </li>`,
    )}
  </ol>`;

export const bySeverity = (callers: readonly CallerAnswer[]): CallerAnswer[] =>
  [...callers].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));

/** One question: its verdict, and the callers, the most severe first. */
export function* questionSection(
  { id, verdict, summary, reason, callers }: Answer,
  source: DoctorSource,
  explain: Explain,
): Generator<string> {
  const { asks, method } = explain(id);
  yield markup`<section id="q-${id}">
    <h2>${titles[id]} ${verdictMark(verdict)}</h2>
    <p class="m">${asks}</p>
    <p class="a s">${summary}</p>
    ${reason === null ? nothing : markup`<p class="a">${reason}</p>`}
    <details class="np">
      <summary>How this question is answered</summary>
      <p>${method}</p>
    </details>`.text;
  const ordered = bySeverity(callers);
  const seen = new Map<string, string>();
  for (const [place, caller] of ordered.entries()) {
    if (place === MOST_CALLERS)
      yield markup`<details><summary>${whole(ordered.length - MOST_CALLERS)} more callers</summary>`.text;
    yield callerDetails(id, caller, place, seen, source).text;
  }
  yield ordered.length > MOST_CALLERS ? '</details></section>' : '</section>';
}

/** @param seen the anchors of callers by their remedy, so that the same remedy is shown once */
function callerDetails(
  id: QuestionId,
  answer: CallerAnswer,
  place: number,
  seen: Map<string, string>,
  source: DoctorSource,
): Markup {
  const { caller, accountId, kind, clients, operation, severity, figures, diagnosis, saves, remedy } = answer;
  const anchor = `${id}-${place + 1}`;
  const key = JSON.stringify(remedy);
  const same = seen.get(key);
  if (same === undefined) seen.set(key, anchor);
  const saved = saves === null ? nothing : markup`<p class="sv">This ${savingInWords(id, saves, source)}.</p>`;
  const facts = [
    kinds[kind],
    caller.includes(accountId) ? null : `account ${accountId}`,
    operation === null ? null : `mostly ${operation}`,
    saves === null ? null : savingInWords(id, saves, source),
  ].filter((fact) => fact !== null);
  return markup`<details class="ca" id="${anchor}" ${place === 0 ? markup` open` : nothing}>
    <summary>
      <span class="s ${severity}">${severity}</span> <b class="a"><bdi>${shortName(caller)}</bdi></b>
      <span class="m">${facts.map((fact) => `· ${fact}`).join(' ')}</span>
    </summary>
    <div class="cb">
      <div class="m">${longText(caller, 400)}</div>
      <p class="a">${diagnosis}</p>
      <div class="two">
        <div>
          <h3>What to change</h3>
          ${same === undefined ? remedyOf(remedy) : markup`<p>The same as for <a href="#${same}">the caller above with this remedy</a>: <span class="a">${remedy.text}</span></p>`}${saved}
        </div>
        <div>
          <h3>Figures</h3>
          ${figuresTable(figures)}${clientsTable(clients)}
        </div>
      </div>
    </div>
  </details>`;
}

const remedyOf = ({ text, examples }: Remedy): Markup =>
  markup`<p class="a">${text}</p>
    ${examples.map(
      ({ for: sdk, code }, place) =>
        markup`<details class="ex" ${place === 0 ? markup` open` : nothing}>
          <summary class="a">${sdk}</summary>
          <pre>${code}</pre>
        </details>`,
    )}`;

const MOST_CLIENTS = 20;

function clientsTable(clients: readonly Client[]): Markup {
  if (clients.length === 0) return nothing;
  const rows = clients.slice(0, MOST_CLIENTS).map(
    ({ userAgent, ...client }) =>
      markup`<li>
        ${longText(clientInWords(client), 120)}
        <div class="m ua">${longText(userAgent)}</div>
      </li>`,
  );
  const more = clients.length > MOST_CLIENTS ? markup`<li>${whole(clients.length - MOST_CLIENTS)} more</li>` : nothing;
  return markup`<h3>Clients</h3>
    <ul class="cl">
      ${rows}${more}
    </ul>`;
}
