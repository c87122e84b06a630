import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, NumOrNull, parseRows, TextOrNull } from '../rows.ts';
import { clientOf } from '../clients/client-of.ts';
import { shortWaitsOf } from '../clients/short-waits.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { listed, listedBriefly } from '../../wording/wording.ts';
import { counted, percent, secondsOf, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  user_agent: TextOrNull,
  operation: TextOrNull,
  calls: Num,
  refused: Num,
  refused_unrecorded: Num,
  repeated: Num,
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
    'If a process repeats a throttled call with the same parameters within 60 s, the second call counts as a retry. The times before the first three retries are compared with those of the SDKs that wait least among those that wait long enough for a throttled call: 0.25 s on average, doubled before each further retry. The SDKs for JavaScript v2, PHP (retry mode legacy), C++ (retry mode legacy) and Kotlin wait less by default: their callers are named too, and the answer says so. A caller is named if chance does not explain the difference. If it has too few retries for this, the answer names it as unknown. Short waits before first retries are no evidence if the waits before second and third retries are long enough: schedulers start calls at whole seconds, so that the first retry is recorded in the same second. A fixed wait is no backoff either: later retries then come too soon. One retry within a second is no evidence, because SDKs with jitter also retry so soon. If CloudTrail does not record the parameters of throttled calls, retries cannot be distinguished from other calls, and no caller is named; calls to an operation without parameters are all equal. If several threads make equal calls, the time to the next call is also short because of the other threads, so the expected time is shortened by the rate of these calls. Retries are grouped by user agent, because one role can have several programs. A caller that changes its user agent with each call hides its retries: its answer is then unknown.',
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
        `${counted(answers.length, 'caller')} ${answers.length === 1 ? 'repeats' : 'repeat'} throttled calls without sufficient exponential backoff.`,
        answers,
        notJudged(rest, evidence, refusedIn(processes)),
      );
    }
    const refused = refusedIn(processes);
    if (refused === 0) {
      return unknown(
        'backoff',
        'All throttled calls are calls of AWS services.',
        'You cannot set how AWS services retry. An answer needs throttled calls of your applications.',
      );
    }
    const unjudged = unjudgedCallers(processes, evidence);
    const judged = percent(refusedIn(processes.filter((row) => isJudged(row, evidence))) / refused);
    const modes = modesInWords(unjudged, evidence);
    if (!mostAreJudged(processes, evidence)) {
      return unknown(
        'backoff',
        `Whether callers wait before they retry is unknown.${modes}`,
        reasonsFor(unjudged.length > 0 ? unjudged : processes, evidence),
      );
    }
    const ofServices = refused < evidence.totals.refused ? ' that are not of AWS services' : '';
    const waiting = `The callers of ${judged} of the throttled calls${ofServices} wait before they retry, as AWS SDKs do.`;
    return unjudged.length === 0
      ? inOrder('backoff', waiting, notJudged(processes, evidence))
      : unknown(
          'backoff',
          `${waiting} Whether the other callers wait is unknown.${modes}`,
          reasonsFor(unjudged, evidence),
        );
  },
};

const refusedIn = (rows: readonly Row[]): number => rows.reduce((sum, { refused }) => sum + refused, 0);

const mostAreJudged = (processes: readonly Row[], evidence: Evidence): boolean =>
  2 * refusedIn(processes.filter((row) => isJudged(row, evidence))) >= refusedIn(processes);

/**
 * The callers that have a considerable part of the throttled calls, and whose retries give no answer. The parts of a caller
 * are added: one that changes its user agent has many small parts.
 */
const unjudgedCallers = (processes: readonly Row[], evidence: Evidence): Row[] =>
  groupedBy(
    processes.filter((row) => !isJudged(row, evidence)),
    ({ caller }) => caller,
  ).flatMap((own) => {
    const [most] = [...own].sort((a, b) => b.refused - a.refused);
    const sum = (count: (row: Row) => number): number => own.reduce((total, row) => total + count(row), 0);
    return most !== undefined && refusedIn(own) >= evidence.thresholds.unjudgedShare * refusedIn(processes)
      ? [
          {
            ...most,
            calls: sum(({ calls }) => calls),
            refused: refusedIn(own),
            refused_unrecorded: sum((row) => row.refused_unrecorded),
            repeated: sum((row) => row.repeated),
            first_retries: sum((row) => row.first_retries),
            next_retries: sum((row) => row.next_retries),
            later_retries: sum((row) => row.later_retries),
          },
        ]
      : [];
  });

const retriesOf = (row: Row): number => row.first_retries + row.next_retries + row.later_retries;

/** Why the retries of a caller give no answer. */
type Obstacle = 'unrecorded' | 'mixed' | 'few';

function obstacleOf(row: Row, { thresholds }: Evidence): Obstacle {
  if (2 * row.refused_unrecorded >= row.refused) return 'unrecorded';
  // More repeated calls were left out than used, and there are enough of them.
  return row.repeated - retriesOf(row) > retriesOf(row) && row.repeated >= thresholds.retriesTogether ? 'mixed' : 'few';
}

/** What is missing for an answer about these callers. */
function reasonsFor(rows: readonly Row[], evidence: Evidence): string {
  const byObstacle = groupedBy(rows, (row) => obstacleOf(row, evidence));
  return byObstacle
    .flatMap((own) => {
      const [row] = own;
      return row === undefined ? [] : reasonFor(obstacleOf(row, evidence), own, evidence);
    })
    .join(' ');
}

function reasonFor(obstacle: Obstacle, own: readonly Row[], { thresholds }: Evidence): string {
  const callers = [...new Set(own.map(({ caller }) => caller))];
  const named = listedBriefly(callers, 3);
  switch (obstacle) {
    case 'unrecorded':
      return `CloudTrail recorded no request parameters for ${whole(own.reduce((sum, row) => sum + row.refused_unrecorded, 0))} of ${counted(refusedIn(own), 'throttled call')} of ${named}, so retries can't be distinguished from other calls. Check the retry settings of ${callers.length === 1 ? 'this caller' : 'these callers'}.`;
    case 'mixed':
      return `${named} ${callers.length === 1 ? 'repeats' : 'repeat'} equal calls so often that retries can't be distinguished from new calls: the next equal call comes about as soon after a served call as after a throttled one. Several threads that wait, and one that never waits, look the same. A longer period gives no answer. Check whether ${callers.length === 1 ? 'this caller makes' : 'these callers make'} calls in a loop without a wait.`;
    case 'few':
      return `${named} ${callers.length === 1 ? 'has' : 'have'} too few retries, or waits that chance can explain. An answer about a caller needs about ${thresholds.retriesTogether} retries. Read a longer period with throttled calls.`;
  }
}

/**
 * Names the callers for which the retries give no answer, so that nobody takes them for callers that wait.
 * @param all throttled calls, without those of AWS services
 */
function notJudged(processes: readonly Row[], evidence: Evidence, all = refusedIn(processes)): string | null {
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
  const share = percent(callers.reduce((sum, { refused }) => sum + refused, 0) / all);
  return `Whether ${named} ${callers.length === 1 ? 'waits' : 'wait'} is unknown (${share} of the throttled calls). An answer about a caller needs about ${evidence.thresholds.retriesTogether} retries that can be distinguished from other calls.`;
}

function retriesTooSoon(row: Row, evidence: Evidence): boolean {
  const { next_retries, later_retries } = row;
  const { thresholds } = evidence;
  return (
    areTooSoon(next(row), evidence) ||
    (!waitsLater(row, evidence) && [first(row), together(row)].some((retries) => areTooSoon(retries, evidence))) ||
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

/**
 * Whether the waits before the second and third retries alone show that a caller waits. Then short waits before the first
 * retries are no evidence: a scheduler that starts calls at whole seconds makes them look shorter than they are, because times have
 * whole seconds.
 */
function waitsLater(row: Row, { thresholds }: Evidence): boolean {
  const { count, waited, expected, variance } = next(row);
  return (
    count >= thresholds.nextRetries &&
    waited - STANDARD_ERRORS * Math.sqrt(variance) >= thresholds.sdkWaitShare * expected
  );
}

/** Whether there are enough retries to say that a caller waits. */
function isJudged(row: Row, { thresholds }: Evidence): boolean {
  const judged = [next(row), together(row)].find(({ kind, count }) => count >= thresholds[kind]);
  if (judged === undefined) return false;
  // Retries that several processes sent at the same time are left out. At least half of the throttled calls must remain.
  return (
    judged.waited - STANDARD_ERRORS * Math.sqrt(judged.variance) >= thresholds.sdkWaitShare * judged.expected &&
    2 * retriesOf(row) >= row.refused
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
  const callsPerHour = retriesOf(row) / hoursForRates(evidence);
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
      diagnosis: `${whole(row.refused)} of its ${counted(row.calls, 'call')} were throttled (${percent(row.refused / row.calls)}). It waits on average ${gaps.join(', ')}. ${comparisonWith(row, evidence)}`,
      saves: { callsPerHour: Math.round(callsPerHour) },
    }),
  ];
}

/** What SDKs do instead. The waits of the caller's own SDK are named if they are short by default. */
function comparisonWith(row: Row, evidence: Evidence): string {
  if (waitsAreConstant(row, evidence))
    return 'The wait is constant: it does not grow with each retry. AWS SDKs double the longest wait before each further retry.';
  const own = shortWaitsOf(clientOf(row.user_agent, null));
  return `${own === null ? '' : `${own} `}${own === null ? 'Most' : 'Most other'} AWS SDKs wait 0.25 to 0.5 s on average before the first retry, and longer before each further one.`;
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
