import * as v from 'valibot';
import { listedBriefly } from '../../wording/wording.ts';
import type { LogRow } from '../../ports/log-queries.ts';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, Text, TextOrNull } from '../rows.ts';
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
  blame: Num,
  blame_share: Num,
  operation: TextOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Who used the rate up when calls were throttled. */
export const callers: Question = {
  id: 'callers',
  asks: 'Which callers use the rate up when calls are throttled?',
  method:
    'Each throttled call is attributed to the callers that had served calls under the same limit: in proportion to their served calls in the same ten seconds and, with less weight, in the twenty seconds before them. A caller that was throttled but had few served calls is not named. CloudTrail may not record throttled calls. Without them, the cause cannot be determined.',
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
    if (judged.length === 0) {
      return inOrder(
        'callers',
        `AWS throttled only ${counted(refused, 'call')} of ${whole(evidence.totals.calls)}, too few to matter.`,
      );
    }
    const culprits = judged.flatMap((pool) => culpritsOf(pool, evidence));
    const byCaller = groupedBy(culprits, ({ caller }) => caller).map((own) => own.sort((a, b) => b.blame - a.blame));
    byCaller.sort((a, b) => blameOf(b) - blameOf(a));
    const answers = byCaller.flatMap((own) => (own.some(isService) ? [] : answerOf(own, evidence)));
    const services = byCaller.flatMap(([worst]) => (worst !== undefined && isService(worst) ? [worst] : []));
    const throttled = `AWS throttled ${counted(refused, 'call')} of ${whole(evidence.totals.calls)}.${servicesInWords(services)}`;
    if (answers.length === 0) {
      return services.length > 0
        ? unknown(
            'callers',
            throttled,
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
      )} used most of the rate at that time.`,
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

/** Whether so many calls of the pool are throttled that the retries of the SDKs are not enough. */
const isThrottled = ({ pool_served, pool_refused }: Row, { thresholds }: Evidence): boolean =>
  pool_refused >= thresholds.refusedForVerdict &&
  pool_refused >= thresholds.refusedShareForVerdict * (pool_served + pool_refused);

const blameOf = (rows: readonly Row[]): number => rows.reduce((sum, { blame }) => sum + blame, 0);

/** The throttled calls that a caller accounts for, as its diagnosis says: its share of those of each pool. */
const throttledOf = (own: readonly Row[]): number =>
  own.reduce((sum, { blame_share, pool_refused }) => sum + blame_share * pool_refused, 0);

/** The callers that used up each limit, by pool. */
export const culpritsByPool = (rows: readonly LogRow[], evidence: Evidence): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(
    groupedBy(parseRows('callers', Row, rows), ({ pool }) => pool).flatMap((own) =>
      own[0] !== undefined && isThrottled(own[0], evidence)
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

function answerOf(own: readonly Row[], evidence: Evidence) {
  const [worst] = own;
  if (worst === undefined) return [];
  const { pool, served, refused, peak_minute, minutes, pool_served, pool_refused, blame_share, operation } = worst;
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
      operation,
      callsPerHour,
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
      diagnosis: `In the minutes with throttled calls of ${pool}, it was served ${whole(served)} of ${whole(pool_served)} calls (${percent(pool_served === 0 ? 0 : served / pool_served)}), up to ${whole(peak_minute)} a minute, most often ${operation ?? 'several operations'}. It accounts for ${percent(blame_share)} of the ${counted(pool_refused, 'throttled call')}. ${itself}${elsewhere}`,
      saves: { callsPerHour: Math.round(throttledOf(own) / hoursForRates(evidence)) },
    }),
  ];
}
