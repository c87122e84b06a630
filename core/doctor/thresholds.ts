import * as v from 'valibot';
import type { QuestionId } from '../contract/doctor/diagnosis.ts';

const described = <S extends v.GenericSchema<number>>(
  schema: S,
  question: QuestionId,
  value: number,
  meaning: string,
) => v.optional(v.pipe(schema, v.metadata({ question }), v.description(meaning)), value);

const number = v.number('must be a number');
const from0To1 = v.pipe(number, v.minValue(0, 'must be from 0 to 1'), v.maxValue(1, 'must be from 0 to 1'));
const upToADay = v.pipe(
  number,
  v.minValue(0, 'must be from 0 to 86400'),
  v.maxValue(86_400, 'must be from 0 to 86400'),
);
const positive = v.pipe(
  number,
  v.integer('must be a whole number'),
  v.minValue(1, 'must be 1 or more'),
  v.maxValue(1e9, 'must be at most 1000000000'),
);
const share = (question: QuestionId, value: number, meaning: string) => described(from0To1, question, value, meaning);
const seconds = (question: QuestionId, value: number, meaning: string) => described(upToADay, question, value, meaning);
const count = (question: QuestionId, value: number, meaning: string) => described(positive, question, value, meaning);

/**
 * The thresholds of the questions, with their defaults and meanings. `doctor --threshold name=value` changes one. The
 * numbers come from simulated callers with the retry and caching behaviour of the SDKs (`npm run bench:doctor`).
 */
const Thresholds = v.strictObject({
  callersCover: share(
    'callers',
    0.5,
    'callers are named until together they account for this share of the throttled calls',
  ),
  callersBesideFirst: share(
    'callers',
    0.34,
    'a caller is not named if it accounts for less than this part of what the first one does',
  ),
  callersLeast: share(
    'callers',
    0.1,
    'a caller is not named if it accounts for less than this share: then many callers share the load',
  ),
  callersEqual: share(
    'callers',
    0.5,
    'a caller that accounts for at least this part of what the last one named does is named too',
  ),
  refusedShareForVerdict: share(
    'callers',
    0.03,
    'a lower share of throttled calls, in the minutes with throttled calls, is no problem: with three attempts, one call in 37,000 fails',
  ),
  refusedForVerdict: count('callers', 5, 'fewer throttled calls in a pool are an accident'),
  retryWithin: seconds(
    'backoff',
    60,
    'a call with the same parameters within this many seconds of a throttled one is its retry',
  ),
  firstRetryGap: seconds(
    'backoff',
    0.15,
    'a shorter mean time before the first retry is no backoff; AWS SDKs wait 0.25 to 0.5 s on average',
  ),
  firstRetries: count('backoff', 100, 'first retries that such a mean needs'),
  nextRetryGap: seconds(
    'backoff',
    0.4,
    'a shorter mean time before the second and third retry is no backoff; AWS SDKs wait 0.57 s or more on average',
  ),
  nextRetries: count('backoff', 20, 'second and third retries that such a mean needs'),
  laterRetryGap: seconds(
    'backoff',
    1.5,
    'a shorter mean time before later retries is no backoff; SDKs that retry so often wait 3 s or more',
  ),
  laterRetries: count('backoff', 10, 'later retries that such a mean needs'),
  laterRetriesShare: share(
    'backoff',
    0.05,
    'share of later retries, of the second and third ones, that such a mean needs; fewer are new calls of a client that gives up',
  ),
  retrySooner: count(
    'backoff',
    2,
    'a call comes so many times sooner after a throttled one than after a served one, or it is no retry but a call of another thread',
  ),
  callsOfOneProcess: count(
    'backoff',
    25,
    "more equal calls in one second come from several processes, whose retries can't be told apart",
  ),
  avoidableShare: share(
    'credential-cache',
    0.6,
    'share of the sessions of a process that it requested before half of the former one had passed',
  ),
  avoidablePerHour: count(
    'credential-cache',
    60,
    'such sessions of a caller in its busiest hour; a process that starts anew each minute is below it',
  ),
  avoidableAllowed: count(
    'credential-cache',
    3,
    'such sessions with the same key that a process may request in an hour: jobs that start anew do',
  ),
  avoidablePerProcessAndHour: count(
    'credential-cache',
    20,
    'further such sessions of one process in its busiest hour; ten processes on one host, each with a cache, are below it',
  ),
  newNamesPerHour: count(
    'credential-cache',
    300,
    'sessions an hour of one process for one role, hardly any of whose names returns: then the names are generated',
  ),
  sessionsForVerdict: count('credential-cache', 20, 'fewer sessions are no evidence that callers cache'),
  renewalWithin: seconds(
    'session-duration',
    300,
    'a request at most this many seconds after the end of a session renews it',
  ),
  renewals: count('session-duration', 5, 'renewals of a role by a caller'),
  savedByLongerSessions: count('session-duration', 20, 'calls that longer sessions would have saved in the period'),
  savedByLongerSessionsPerHour: count('session-duration', 1, 'and in an hour'),
  burstCalls: count('bursts', 200, 'reads of IAM by one caller'),
  burstPeak: count('bursts', 60, 'reads in the busiest minute'),
  burstFactor: count(
    'bursts',
    10,
    'how many times faster the busiest minute is than the same reads spread over burstSpreadHours',
  ),
  burstSpreadHours: count('bursts', 6, 'hours over which an audit can be spread'),
  burstRefusedShare: share(
    'bursts',
    0.01,
    "share of the account's calls throttled in the caller's busy minutes; below it, a burst is no fault",
  ),
  burstOwnShare: share(
    'bursts',
    0.2,
    "share of the account's served calls that the caller had in these minutes; below it, it is not the cause",
  ),
  burstActiveShare: share(
    'bursts',
    0.6,
    'a caller that is busy in more than this share of the period does not come in bursts',
  ),
  policyWrites: count('policy-writes', 20, 'changes of one target by one caller'),
  policyWriteMinutes: count('policy-writes', 10, 'different minutes in which it changed the target'),
  globalCalls: count('sts-endpoint', 10, 'calls to the global endpoint by one caller'),
  accountShare: share('accounts', 0.5, 'share of all calls that one account makes'),
  accountCallerShare: share('accounts', 0.1, "share of that account's calls from which on a caller is named"),
  accountRefusedShare: share('accounts', 0.01, "share of that account's calls that are throttled"),
});
export type Thresholds = v.InferOutput<typeof Thresholds>;

export const defaultThresholds: Thresholds = v.parse(Thresholds, {});

/** The thresholds with some of them changed. @throws Error that names the threshold and says what would be right */
export function thresholdsWith(changes: Readonly<Record<string, number>>): Thresholds {
  const parsed = v.safeParse(Thresholds, changes);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const name = v.getDotPath(issue) ?? '';
  throw new Error(
    Object.hasOwn(Thresholds.entries, name)
      ? `The threshold ${name} ${issue.message}.`
      : `There is no threshold ${name}. The thresholds are ${Object.keys(Thresholds.entries).join(', ')}.`,
  );
}

export interface ThresholdMeaning {
  readonly name: string;
  readonly value: number;
  readonly meaning: string;
}

/** The thresholds of a question, with their present values. */
export const thresholdsOf = (question: QuestionId, thresholds: Thresholds): ThresholdMeaning[] =>
  Object.entries(Thresholds.entries).flatMap(([name, { wrapped }]) => {
    const value = Object.entries(thresholds).find(([key]) => key === name)?.[1];
    return v.getMetadata(wrapped).question === question && value !== undefined
      ? [{ name, value, meaning: v.getDescription(wrapped) ?? '' }]
      : [];
  });
