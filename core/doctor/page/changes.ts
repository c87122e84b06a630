import type { Answer, CallerAnswer, Diagnosis, DoctorSource, QuestionId } from '../../contract/doctor/diagnosis.ts';
import { savingInWords } from '../diagnosis/saving-in-words.ts';
import { cut, joined, markup, nothing, type Markup } from './markup.ts';
import { shortName } from './names.ts';
import { bySeverity, titles } from './question-section.ts';

/** Of a caller's name. */
const MOST_CHARACTERS = 200;
const MOST_CHARACTERS_OF_SUMMARY = 400;

/** The habits that cause calls to each service. A caller's other habits do not cause throttling under this limit. */
const habitsOf: Readonly<Record<'iam' | 'sts', readonly QuestionId[]>> = {
  iam: ['backoff', 'bursts', 'policy-writes'],
  sts: ['backoff', 'credential-cache', 'session-duration', 'sts-endpoint'],
};

/** What one caller has to change: its habit with the largest saving in the throttled limit, or else the general remedy. */
export function toChange(culprit: CallerAnswer, { questions, source }: Diagnosis, pool: string | null): Markup {
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
  return markup`<li class="a">
    <b><bdi>${shortName(culprit.caller)}</bdi></b
    >:
    ${remedy.text}${main === undefined ? '' : saving(main.id, main.answer, source)}
    <span class="np">Details and code: ${links}</span><br /><span class="m">${cut(culprit.caller, MOST_CHARACTERS)}</span>
  </li>`;
}

/** The saving of the general remedy is left out: it only counts the throttled calls. */
const saving = (id: QuestionId, { saves }: CallerAnswer, source: DoctorSource): string =>
  saves === null ? '' : ` This ${savingInWords(id, saves, source)}.`;

/** A habit that was found without throttled calls, and what its most severe caller has to change. */
export function habit({ id, summary, callers }: Answer, source: DoctorSource): Markup {
  const [first] = bySeverity(callers);
  const advice =
    first === undefined
      ? nothing
      : markup`<br /><b><bdi>${shortName(first.caller)}</bdi></b>: ${first.remedy.text}${saving(id, first, source)}`;
  return markup`<li class="a"><a href="#q-${id}">${titles[id]}</a>: ${cut(summary, MOST_CHARACTERS_OF_SUMMARY)}${advice}</li>`;
}
