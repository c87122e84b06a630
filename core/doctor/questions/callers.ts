import * as v from 'valibot';
import type { Answer } from '../../contract/doctor/diagnosis.ts';
import { listedBriefly } from '../../wording/wording.ts';
import type { LogRow } from '../../ports/log-queries.ts';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, NumOrNull, parseRows, Text, TextOrNull } from '../rows.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { counted, percent, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  pool: Text,
  place: Num,
  served: Num,
  refused: Num,
  peak_minute: Num,
  minutes: Num,
  pool_served: Num,
  pool_refused: Num,
  judged_refused: Num,
  unexplained: Num,
  bucket_share: Num,
  caller_share: Num,
  blame: Num,
  blame_share: Num,
  operation: TextOrNull,
  second_operation: TextOrNull,
  blamed_operation: TextOrNull,
  limit_served: NumOrNull,
  limit_minutes: NumOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Who used the rate up when calls were throttled. */
export const callers: Question = {
  id: 'callers',
  asks: 'Which callers use the rate up when calls are throttled?',
  method:
    'Each throttled call is attributed to the callers that had served calls under the same limit: in proportion to their served calls in the same ten seconds and, with less weight, in the twenty seconds before them. AWS does not say which operations of IAM share a limit. If they do, the calls of a second are throttled about equally often, whatever their operation. If hardly any calls of an operation were throttled in the seconds in which many calls of others were, the operations have limits of their own: then the throttled calls of an operation are attributed to its own callers only. Otherwise they are attributed to callers of any operation. A caller that was throttled but had few served calls is not named. CloudTrail may not record throttled calls. Without them, the cause cannot be determined. If hardly any call under the same limit was served at that time, the verdict is unknown. Nor do they show what other callers did whose calls CloudTrail does not record.',
  answer(rows, evidence) {
    const { refused } = evidence.totals;
    if (refused === 0) {
      return unknown(
        'callers',
        'The logs contain no throttled call.',
        'An answer needs at least one throttled call. Choose a period in which "Rate exceeded" appeared. Events appear in CloudTrail about 5 minutes after the call, sometimes later.',
      );
    }
    const pools = groupedBy(parseRows('callers', Row, rows), ({ pool }) => pool);
    const judged = pools.filter(([first]) => first !== undefined && isThrottled(first, evidence));
    if (judged.length === 0) return fewThrottled(pools, evidence);
    const unexplained = unexplainedIn(judged);
    const culprits = judged.flatMap((pool) => (isExplained(pool) ? culpritsOf(pool, evidence) : []));
    const byCaller = groupedBy(culprits, ({ caller }) => caller).map((own) => own.sort((a, b) => b.blame - a.blame));
    byCaller.sort((a, b) => blameOf(b) - blameOf(a));
    const answers = byCaller.flatMap((own) => (own.some(isService) ? [] : answerOf(own, judged.flat(), evidence)));
    const services = byCaller.flatMap(([worst]) => (worst !== undefined && isService(worst) ? [worst] : []));
    const throttled = `AWS throttled ${counted(refused, 'call')} of ${whole(evidence.totals.calls)}.${servicesInWords(services)}`;
    if (answers.length === 0) {
      if (unexplained !== null) return unknown('callers', `${throttled}${unexplained.summary}`, unexplained.reason);
      const byServices = shareOfServices(judged);
      return services.length > 0 || byServices >= evidence.thresholds.callersCover
        ? unknown(
            'callers',
            services.length > 0
              ? throttled
              : `${throttled} AWS services together account for ${percent(byServices)} of the throttled calls.`,
            'AWS services used the rate up, and you cannot set the rate of their calls. Check how often these services record or scan IAM, and from which accounts.',
          )
        : unknown(
            'callers',
            `${throttled} No single caller used the rate up: many callers made a small part of the calls each.`,
            'No caller made many more calls than the others, so no single caller is the cause. --html shows the callers with the most calls. Spread the calls over time or over several accounts.',
          );
    }
    return found(
      'callers',
      `${throttled} ${listedBriefly(
        answers.map(({ caller }) => caller),
        3,
      )} used most of the rate at that time.${unexplained?.summary ?? ''}`,
      answers,
    );
  },
};

const isService = ({ caller, caller_kind }: Row): boolean =>
  caller_kind === 'service' || caller.includes(':role/aws-service-role/');

const servicesInWords = (services: readonly Row[]): string =>
  services
    .map(
      ({ caller, served, pool_served, pool }) =>
        ` The AWS service ${caller} was served ${percent(pool_served === 0 ? 0 : served / pool_served)} of the calls of ${pool} at that time.`,
    )
    .join('');

/**
 * Whether so many calls are throttled that the retries of the SDKs are not enough: of the pool, of one of its operations, or
 * of one caller.
 */
const isThrottled = (row: Row, { thresholds }: Evidence): boolean =>
  row.pool_refused >= thresholds.refusedForVerdict &&
  (refusedShareOf(row) >= thresholds.refusedShareForVerdict ||
    row.bucket_share >= thresholds.refusedShareForVerdict ||
    row.caller_share >= thresholds.callerRefusedShare);

const refusedShareOf = ({ pool_served, pool_refused }: Row): number => pool_refused / (pool_served + pool_refused);

/** The answer if no limit throttled enough calls. A large part of a few calls is no evidence that all is in order. */
function fewThrottled(pools: readonly (readonly Row[])[], { totals, thresholds }: Evidence): Answer {
  const heads = pools.flatMap(([first]) => first ?? []);
  const unclear = heads
    .filter(
      (row) =>
        row.pool_refused < thresholds.refusedForVerdict && refusedShareOf(row) >= thresholds.refusedShareForVerdict,
    )
    .sort((a, b) => refusedShareOf(b) - refusedShareOf(a));
  const sum = `AWS throttled only ${counted(totals.refused, 'call')} of ${whole(totals.calls)}`;
  const [most] = unclear;
  if (most !== undefined) {
    const others = unclear.length === 1 ? '' : ` and of ${counted(unclear.length - 1, 'other limit')}`;
    return unknown(
      'callers',
      `${sum}. In the minutes with throttled calls, these were ${whole(most.pool_refused)} of the ${counted(most.pool_refused + most.pool_served, 'call')} of ${most.pool}${others}, which may be chance.`,
      `An answer needs at least ${thresholds.refusedForVerdict} throttled calls under one limit. Read a longer period, or one in which "Rate exceeded" appeared more often.`,
    );
  }
  const share = Math.max(0, ...heads.map(refusedShareOf));
  return inOrder(
    'callers',
    `${sum}, too few to matter: under each limit, at most ${percent(share)} of the calls in the minutes with throttled calls.`,
  );
}

const shareOfServices = (judged: readonly (readonly Row[])[]): number => {
  const rows = judged.flat();
  const all = blameOf(rows);
  return all === 0 ? 0 : blameOf(rows.filter(isService)) / all;
};

/** Whether calls were served under the same limit at the time of most throttled calls. */
const isExplained = ([first]: readonly Row[]): boolean =>
  first !== undefined && 2 * first.unexplained < first.judged_refused;

/** Why nobody can be named under some limits; null if there are none. */
function unexplainedIn(judged: readonly (readonly Row[])[]): { summary: string; reason: string } | null {
  const pools = judged.filter((pool) => !isExplained(pool));
  if (pools.length === 0) return null;
  const heads = pools.flatMap(([first]) => first ?? []);
  const refused = heads.reduce((sum, { judged_refused }) => sum + judged_refused, 0);
  const unexplained = Math.round(heads.reduce((sum, row) => sum + row.unexplained, 0));
  // The calls to STS are one limit, so there is no other operation to ask about.
  const [most] = pools
    .flat()
    .filter((row) => row.served > 0 && row.pool.startsWith('iam:'))
    .sort((a, b) => b.served - a.served);
  const served =
    most === undefined
      ? ''
      : ` If the operations share a limit, ${most.caller} is a possible cause: it was served ${whole(most.served)} of the ${counted(most.pool_served, 'call')} of ${most.pool}, most often ${most.operation ?? 'several operations'}.`;
  return {
    summary: ` For ${whole(unexplained)} of the ${counted(refused, 'throttled call')} of ${listedBriefly(
      heads.map(({ pool }) => pool),
      2,
    )}, hardly any call was served under the same limit at that time, so the logs do not show who used the rate up.`,
    reason: `An answer needs the calls of all callers under the limit: read the logs of all Regions and of the whole period. Calls that CloudTrail does not record may be the cause.${served}`,
  };
}

const blameOf = (rows: readonly Row[]): number => rows.reduce((sum, { blame }) => sum + blame, 0);

/** The throttled calls whose cause the logs show. */
const explainedOf = ({ judged_refused, unexplained }: Row): number => Math.round(judged_refused - unexplained);

/** The throttled calls that a caller accounts for, as its diagnosis says: its share of those of each pool. */
const throttledOf = (own: readonly Row[]): number =>
  own.reduce((sum, row) => sum + row.blame_share * explainedOf(row), 0);

/** The callers that used up each limit, by pool. */
export const culpritsByPool = (rows: readonly LogRow[], evidence: Evidence): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    groupedBy(parseRows('callers', Row, rows), ({ pool }) => pool).flatMap((own) =>
      own[0] !== undefined && isThrottled(own[0], evidence) && isExplained(own)
        ? [[own[0].pool, new Set(culpritsOf(own, evidence).map(({ caller }) => caller))] as const]
        : [],
    ),
  );

/** The callers of one pool that account for most of its throttled calls. */
function culpritsOf(pool: readonly Row[], { thresholds }: Evidence): Row[] {
  const culprits: Row[] = [];
  const ordered = [...pool].sort((a, b) => a.place - b.place);
  const first = ordered[0]?.blame_share ?? 0;
  let covered = 0;
  for (const row of ordered) {
    const isLarge =
      row.blame_share >= thresholds.callersLeast && row.blame_share >= thresholds.callersBesideFirst * first;
    // If two callers have about the same share, both are named. Otherwise chance would decide which of them is named.
    const last = culprits.at(-1)?.blame_share ?? 1;
    const isEqual = row.blame_share >= thresholds.callersEqual * last;
    if (!isLarge || (covered >= thresholds.callersCover && !isEqual)) break;
    culprits.push(row);
    covered += row.blame_share;
  }
  return culprits;
}

/** From this factor on, a caller with more served calls of other operations is mentioned, with the reason why it is not named. */
const SERVED_MORE = 2;

/** The caller with the most calls to other operations of IAM, which counts only if these operations share the limit. */
function otherOperations(
  { pool, caller, served, blamed_operation }: Row,
  { thresholds }: Evidence,
  rows: readonly Row[],
): string {
  const [most] = rows.filter((row) => row.pool === pool).sort((a, b) => b.served - a.served);
  if (most === undefined || blamed_operation === null || most.operation === blamed_operation) return '';
  if (most.caller === caller || most.served < SERVED_MORE * served || most.blame_share >= thresholds.callersLeast)
    return '';
  return ` The operations seem to have limits of their own: ${most.caller} was served ${counted(most.served, 'call')}, most often ${most.operation ?? 'of other operations'}, and ${most.refused === 0 ? 'none' : whole(most.refused)} of its calls ${most.refused === 0 || most.refused === 1 ? 'was' : 'were'} throttled at that time. It is a possible cause only if ${blamed_operation} and ${most.operation ?? 'these operations'} share a limit.`;
}

/** The operations that make a considerable part of the caller's calls, and the one of which it accounts for throttled calls. */
const operationsOf = ({ blamed_operation, operation, second_operation }: Row): string[] => [
  ...new Set([blamed_operation, operation, second_operation].filter((one) => one !== null)),
];

/** What AWS served under the limit, in the minutes with throttled calls and the minute before each of them. */
const servedPerSecondOf = ({ limit_served, limit_minutes }: Row): number | null =>
  limit_served === null || limit_minutes === null || limit_minutes === 0 ? null : limit_served / (60 * limit_minutes);

function answerOf(own: readonly Row[], rows: readonly Row[], evidence: Evidence) {
  const [worst] = own;
  if (worst === undefined) return [];
  const { pool, served, refused, peak_minute, minutes, pool_served, pool_refused } = worst;
  const explained = explainedOf(worst);
  const { blame_share, operation, blamed_operation } = worst;
  const callsPerHour = blameOf(own) / hoursForRates(evidence);
  const elsewhere =
    own.length === 1
      ? ''
      : ` It also used the rate up in ${listedBriefly(
          own.slice(1).map((row) => row.pool),
          3,
        )}.`;
  const itself =
    refused === 0
      ? 'None of its own calls was throttled.'
      : `${counted(refused, 'call')} of its own ${refused === 1 ? 'was' : 'were'} throttled.`;
  return [
    answerFor(evidence, 'callers', callerOf(worst), {
      operation: blamed_operation ?? operation,
      callsPerHour,
      context: { operations: operationsOf(worst), servedPerSecond: servedPerSecondOf(worst) },
      figures: {
        served,
        servedShare: pool_served === 0 ? 0 : served / pool_served,
        refused,
        poolServed: pool_served,
        poolRefused: pool_refused,
        blameShare: blame_share,
        peakPerMinute: peak_minute,
        minutes,
      },
      diagnosis: `In the minutes with throttled calls of ${pool}, it was served ${whole(served)} of ${whole(pool_served)} calls (${percent(pool_served === 0 ? 0 : served / pool_served)}), up to ${whole(peak_minute)} a minute, most often ${operation ?? 'several operations'}. It accounts for ${percent(blame_share)} of the ${counted(explained, 'throttled call')}${blamed_operation === null || blamed_operation === operation ? '' : `, mainly of ${blamed_operation}`}. ${itself}${elsewhere}${otherOperations(worst, evidence, rows)}`,
      saves: { callsPerHour: Math.round(throttledOf(own) / hoursForRates(evidence)) },
    }),
  ];
}
