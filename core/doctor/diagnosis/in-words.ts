import type {
  Answer,
  CallerAnswer,
  Diagnosis,
  DoctorSource,
  QuestionId,
  Verdict,
} from '../../contract/doctor/diagnosis.ts';
import { listedBriefly } from '../../wording/wording.ts';
import { printable } from '../../wording/printable.ts';
import { clientInWords } from '../clients/client-in-words.ts';
import { countedPlural, percent, whole } from '../questions/numbers.ts';
import { savingInWords } from './saving-in-words.ts';

const verdicts = { found: 'FOUND', 'in-order': 'in order', unknown: 'unknown' } as const;
/** Callers of each question; `--json` and `--html` have all. */
const MOST_CALLERS = 5;

/** The diagnosis as lines of text, each safe on a terminal. */
export function diagnosisInWords({ source, refused, questions }: Diagnosis): string[] {
  const lines = [
    `${whole(source.audited)} calls to IAM and STS from ${source.from} to ${source.to}; AWS throttled ${whole(refused.calls)} of them (${percent(refused.share)}).`,
    ...source.leftOut.map(
      ({ what, reason, count }) => `Left out: ${countedPlural(count, what)}. ${reason.replace(/\.$/, '')}.`,
    ),
    '',
    ...questions.flatMap((answer) => [...answerInWords(answer, source), '']),
    foundInWords(questions),
  ];
  return lines.map(printable);
}

function foundInWords(questions: readonly Answer[]): string {
  const idsWith = (wanted: Verdict): string[] =>
    questions.filter(({ verdict }) => verdict === wanted).map(({ id }) => id);
  const found = idsWith('found');
  const unknown = idsWith('unknown');
  const [explained = unknown[0]] = found;
  return [
    found.length === 0 ? 'No habit was found.' : `Habits found: ${listedBriefly(found, 8)}.`,
    ...(unknown.length === 0 ? [] : [`The logs do not contain enough evidence for ${listedBriefly(unknown, 8)}.`]),
    ...(explained === undefined
      ? []
      : [`"npx iam-audit doctor --explain ${explained}" explains the question ${explained}.`]),
  ].join(' ');
}

function answerInWords({ id, verdict, summary, reason, callers }: Answer, source: DoctorSource): string[] {
  const more = callers.length - MOST_CALLERS;
  return [
    `${verdicts[verdict].padEnd(8)}  ${id}: ${summary}`,
    ...(reason === null ? [] : [`          ${reason}`]),
    ...callers.slice(0, MOST_CALLERS).flatMap((caller) => callerInWords(id, caller, source)),
    ...(more > 0 ? [`  ${more} more ${more === 1 ? 'caller' : 'callers'}: see --json or --html.`] : []),
  ];
}

function callerInWords(id: QuestionId, answer: CallerAnswer, source: DoctorSource): string[] {
  const { caller, accountId, clients, severity, diagnosis, saves, remedy } = answer;
  const programs = [...new Set(clients.map(clientInWords))];
  const [example] = remedy.examples;
  return [
    `  ${severity}  ${caller}${caller.includes(accountId) ? '' : ` (account ${accountId})`}`,
    `      ${diagnosis}`,
    ...(programs.length === 0 ? [] : [`      Client: ${listedBriefly(programs, 2)}.`]),
    `      ${remedy.text}${saves === null ? '' : ` This ${savingInWords(id, saves, source)}.`}`,
    ...(example === undefined
      ? []
      : [`      ${example.for}:`, ...example.code.split('\n').map((line) => `        ${line}`)]),
  ];
}
