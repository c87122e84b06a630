import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, NumOrNull, parseRows, TextOrNull } from '../rows.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { listed, listedBriefly } from '../../wording/wording.ts';
import { counted, percent, secondsOf, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  operation: TextOrNull,
  calls: Num,
  refused: Num,
  first_sec: Num,
  last_sec: Num,
  first_retries: Num,
  first_gap: NumOrNull,
  first_square: NumOrNull,
  first_expected: NumOrNull,
  next_retries: Num,
  next_gap: NumOrNull,
  next_square: NumOrNull,
  next_expected: NumOrNull,
  later_retries: Num,
  later_gap: NumOrNull,
  later_square: NumOrNull,
  longest_chain: Num,
});
type Row = v.InferOutput<typeof Row>;

/** Callers whose waits before retries are too short, or do not grow. */
export const backoff: Question = {
  id: 'backoff',
  asks: 'Which callers repeat throttled calls without exponential backoff?',
  method:
    'If a process repeats a throttled call with the same parameters within 60 s, the second call counts as a retry. The times before the first three retries are compared with those of the AWS SDK that waits least: 0.25 s on average, doubled before each further retry. A caller is named if chance does not explain the difference. If it has too few retries for this, the answer names it as unknown. A fixed wait is no backoff either: later retries then come too soon. One retry within a second is no evidence, because SDKs with jitter also retry so soon. If CloudTrail does not record the parameters of throttled calls, retries cannot be distinguished from other calls, and no caller is named; calls to an operation without parameters are all equal. If several threads make equal calls, the time to the next call is also short because of the other threads, so the expected time is shortened by the rate of these calls. Retries are grouped by user agent, because one role can have several programs. A caller that changes its user agent with each call hides its retries: its answer is then unknown.',
  answer(rows, evidence) {
    if (evidence.totals.refused === 0) {
      return unknown(
        'backoff',
        'The logs contain no throttled calls, so they contain no retries.',
        'An answer needs throttled calls and their retries. Choose a period in which "Rate exceeded" appeared.',
      );
    }
    const processes = parseRows('backoff', Row, rows);
    const tooSoon = groupedBy(
      processes.filter((row) => retriesTooSoon(row, evidence)),
      ({ caller }) => caller,
    );
    if (tooSoon.length > 0) {
      const answers = tooSoon.flatMap((own) => answerOf(own, evidence));
      const named = new Set(answers.map(({ caller }) => caller));
      const rest = processes.filter(({ caller }) => !named.has(caller));
      return found(
        'backoff',
        `${counted(answers.length, 'caller')} ${answers.length === 1 ? 'repeats' : 'repeat'} throttled calls without exponential backoff.`,
        answers,
        notJudged(rest, evidence),
      );
    }
    const unjudged = unjudgedCallers(processes, evidence);
    const modes = modesInWords(unjudged, evidence);
    const judgedRefused = refusedIn(processes.filter((row) => isJudged(row, evidence)));
    const mostAreJudged = judgedRefused >= 0.5 * evidence.totals.refused;
    if (unjudged.length === 0 && mostAreJudged) {
      return inOrder(
        'backoff',
        `The callers of ${percent(judgedRefused / evidence.totals.refused)} of the throttled calls wait before they retry, as AWS SDKs do.`,
        notJudged(processes, evidence),
      );
    }
    if (mostAreJudged) {
      return unknown(
        'backoff',
        `The callers of ${percent(judgedRefused / evidence.totals.refused)} of the throttled calls wait before they retry, as AWS SDKs do. Whether the other callers wait is unknown.${modes}`,
        "The other callers have too few retries, or their calls have no parameters, or their retries can't be distinguished from equal calls of other threads at the same time. Check the retry settings of these callers.",
      );
    }
    return evidence.totals.refusedWithParameters * 2 < evidence.totals.refused
      ? unknown(
          'backoff',
          `Whether callers wait before they retry is unknown.${modes}`,
          `CloudTrail recorded no request parameters for ${whole(evidence.totals.refused - evidence.totals.refusedWithParameters)} of ${counted(evidence.totals.refused, 'throttled call')}, so retries can't be distinguished from other calls. Check the retry settings of these callers.`,
        )
      : unknown(
          'backoff',
          `The logs contain too few retries for an answer.${modes}`,
          `An answer needs at least ${evidence.thresholds.nextRetries} second or third retries by one caller. Choose a longer period.`,
        );
  },
};

const refusedIn = (rows: readonly Row[]): number => rows.reduce((sum, { refused }) => sum + refused, 0);

/**
 * The processes of callers that have a considerable part of the throttled calls, and too few retries for an answer. The parts
 * of a caller are added: one that changes its user agent has many small parts.
 */
const unjudgedCallers = (processes: readonly Row[], evidence: Evidence): Row[] =>
  groupedBy(
    processes.filter((row) => !isJudged(row, evidence)),
    ({ caller }) => caller,
  ).flatMap((own) => {
    const [most] = [...own].sort((a, b) => b.refused - a.refused);
    return most !== undefined && refusedIn(own) >= evidence.thresholds.unjudgedShare * evidence.totals.refused
      ? [{ ...most, calls: own.reduce((sum, { calls }) => sum + calls, 0), refused: refusedIn(own) }]
      : [];
  });

/** Names the callers for which the retries give no answer, so that nobody takes them for callers that wait. */
function notJudged(processes: readonly Row[], evidence: Evidence): string | null {
  const callers = groupedBy(
    processes.filter((row) => !isJudged(row, evidence)),
    ({ caller }) => caller,
  )
    .map((own) => ({ caller: own[0]?.caller ?? '', refused: refusedIn(own) }))
    .filter(({ refused }) => refused >= evidence.thresholds.refusedForVerdict)
    .sort((a, b) => b.refused - a.refused);
  if (callers.length === 0) return null;
  const named = listedBriefly(
    callers.map(({ caller }) => caller),
    3,
  );
  const share = percent(callers.reduce((sum, { refused }) => sum + refused, 0) / evidence.totals.refused);
  return `Whether ${named} ${callers.length === 1 ? 'waits' : 'wait'} is unknown (${share} of the throttled calls). An answer about a caller needs about ${evidence.thresholds.retriesTogether} retries that can be distinguished from other calls.`;
}

function retriesTooSoon(row: Row, evidence: Evidence): boolean {
  const { next_retries, later_retries } = row;
  const { thresholds } = evidence;
  return (
    [first(row), next(row), together(row)].some((retries) => areTooSoon(retries, evidence)) ||
    (later_retries >= Math.max(thresholds.laterRetries, thresholds.laterRetriesShare * next_retries) &&
      isEven(row.later_gap, row.later_square) &&
      // If later waits are shorter, other calls with the same parameters were taken for retries of the chain.
      (row.next_gap === null || row.next_gap < thresholds.laterRetryGap) &&
      isBelow(thresholds.laterRetryGap, later_retries, row.later_gap, row.later_square))
  );
}

/** Retries of one kind, with the sums of their waits in seconds. */
interface Waits {
  readonly kind: 'firstRetries' | 'nextRetries' | 'retriesTogether';
  readonly count: number;
  readonly waited: number;
  /** The sum that retries of the AWS SDK that waits least have. */
  readonly expected: number;
  readonly variance: number;
}

const first = (row: Row): Waits =>
  waitsOf('firstRetries', row.first_retries, row.first_gap, row.first_square, row.first_expected);
const next = (row: Row): Waits =>
  waitsOf('nextRetries', row.next_retries, row.next_gap, row.next_square, row.next_expected);

function waitsOf(
  kind: Waits['kind'],
  count: number,
  mean: number | null,
  square: number | null,
  expected: number | null,
): Waits {
  if (mean === null || square === null || expected === null)
    return { kind, count: 0, waited: 0, expected: 0, variance: 0 };
  return { kind, count, waited: count * mean, expected: count * expected, variance: count * varianceOf(mean, square) };
}

/** The first three retries: a caller of few calls may have too few of each kind. */
function together(row: Row): Waits {
  const [a, b] = [first(row), next(row)];
  return {
    kind: 'retriesTogether',
    count: a.count + b.count,
    waited: a.waited + b.waited,
    expected: a.expected + b.expected,
    variance: a.variance + b.variance,
  };
}

/**
 * A sum of waits must be this many standard deviations below that of the SDK. Of clients that wait like this SDK, one in 160 is
 * this far below it by chance.
 */
const BELOW_SDK = 2.5;

const areTooSoon = ({ kind, count, waited, expected, variance }: Waits, { thresholds }: Evidence): boolean =>
  count >= thresholds[kind] &&
  waited < thresholds.sdkWaitShare * expected &&
  waited + BELOW_SDK * Math.sqrt(variance) < expected;

/**
 * A mean must be this many standard errors from its limit. If the true mean is at the limit, one caller in fifteen is this far
 * from it by chance.
 */
const STANDARD_ERRORS = 1.5;
/** Lowest variance that is assumed: times in whole seconds can all be equal by chance. */
const LEAST_VARIANCE = 0.05;

const varianceOf = (mean: number, square: number): number => Math.max(LEAST_VARIANCE, square - mean * mean);

/** A loop with a fixed wait has a variance below 0.3 s², even if times are whole seconds. */
const LARGEST_VARIANCE = 1;

/**
 * Whether the waits are about equal. If they are not, some of the calls are retries, and others are new calls of a client that
 * has stopped retrying.
 */
const isEven = (mean: number | null, square: number | null): boolean =>
  mean !== null && square !== null && square - mean * mean <= LARGEST_VARIANCE;

/** Whether the mean is below the limit by more than chance. @param square mean of the squares */
const isBelow = (limit: number, count: number, mean: number | null, square: number | null): boolean =>
  mean !== null && square !== null && mean + STANDARD_ERRORS * Math.sqrt(varianceOf(mean, square) / count) < limit;

/** Whether there are enough retries to say that a caller waits. */
function isJudged(row: Row, { thresholds }: Evidence): boolean {
  const judged = [next(row), together(row)].find(({ kind, count }) => count >= thresholds[kind]);
  if (judged === undefined) return false;
  // Retries that several processes sent at the same time are left out. At least half of the throttled calls must remain.
  return (
    judged.waited - STANDARD_ERRORS * Math.sqrt(judged.variance) >= thresholds.sdkWaitShare * judged.expected &&
    2 * (row.first_retries + row.next_retries + row.later_retries) >= row.refused
  );
}

/** Waits that differ by less than this part of their mean are about equal. Backoff doubles them. */
const EQUAL_WAITS = 0.25;

/** Whether a program waits the same time before each retry, long enough that the retries are not fast. */
function waitsAreConstant(row: Row, evidence: Evidence): boolean {
  const { next_gap, later_gap, later_square } = row;
  if (next_gap === null || later_gap === null || areTooSoon(next(row), evidence)) return false;
  return isEven(later_gap, later_square) && Math.abs(later_gap - next_gap) <= EQUAL_WAITS * next_gap;
}

function answerOf(own: readonly Row[], evidence: Evidence) {
  const [row] = [...own].sort((a, b) => b.refused - a.refused);
  if (row === undefined) return [];
  const gaps = [
    row.first_gap === null
      ? null
      : `${secondsOf(row.first_gap)} before the first retry (${counted(row.first_retries, 'retry', 'retries')})`,
    row.next_gap === null
      ? null
      : `${secondsOf(row.next_gap)} before the second and third (${whole(row.next_retries)})`,
    row.later_gap === null ? null : `${secondsOf(row.later_gap)} before later ones (${whole(row.later_retries)})`,
  ].filter((gap) => gap !== null);
  const retries = row.first_retries + row.next_retries + row.later_retries;
  const callsPerHour = retries / hoursForRates(evidence);
  return [
    answerFor(evidence, 'backoff', callerOf(row), {
      operation: row.operation,
      callsPerHour,
      figures: {
        calls: row.calls,
        refused: row.refused,
        refusedShare: row.refused / row.calls,
        firstRetries: row.first_retries,
        nextRetries: row.next_retries,
        laterRetries: row.later_retries,
        ...(row.first_gap === null ? {} : { meanSecondsBeforeFirst: row.first_gap }),
        ...(row.next_gap === null ? {} : { meanSecondsBeforeNext: row.next_gap }),
        ...(row.later_gap === null ? {} : { meanSecondsBeforeLater: row.later_gap }),
        longestChain: row.longest_chain,
      },
      diagnosis: `${whole(row.refused)} of its ${counted(row.calls, 'call')} were throttled (${percent(row.refused / row.calls)}). It waits on average ${gaps.join(', ')}. ${waitsAreConstant(row, evidence) ? 'The wait is constant: it does not grow with each retry. AWS SDKs double the longest wait before each further retry.' : 'AWS SDKs wait 0.25 to 0.5 s before the first retry and longer before each further one.'}`,
      saves: { callsPerHour: Math.round(callsPerHour) },
    }),
  ];
}

/** The retry modes that the user agents of throttled callers show. */
function modesInWords(processes: readonly Row[], evidence: Evidence): string {
  const shown = processes.slice(0, 3).map(({ caller, refused, calls }) => {
    const modes = [...new Set(evidence.clientsOf(caller).map(({ retryMode }) => retryMode))];
    const known = modes.filter((mode) => mode !== 'unknown');
    const mode = known.length === 0 ? 'its user agent does not show the retry mode' : `retry mode ${listed(known)}`;
    return `${caller}: ${percent(refused / calls)} of its calls throttled; ${mode}`;
  });
  return shown.map((sentence) => ` ${sentence}.`).join('');
}
