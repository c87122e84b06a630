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
const atLeastOnce = v.pipe(number, v.minValue(1, 'must be from 1 to 1000'), v.maxValue(1000, 'must be from 1 to 1000'));
const share = (question: QuestionId, value: number, meaning: string) => described(from0To1, question, value, meaning);
const seconds = (question: QuestionId, value: number, meaning: string) => described(upToADay, question, value, meaning);
const times = (question: QuestionId, value: number, meaning: string) =>
  described(atLeastOnce, question, value, meaning);
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
    'a caller is not named if it accounts for less than this part of what the first named caller accounts for',
  ),
  callersLeast: share(
    'callers',
    0.1,
    'a caller is not named if it accounts for less than this share of the throttled calls',
  ),
  callersEqual: share(
    'callers',
    0.5,
    'a caller is also named if it accounts for at least this part of what the last named caller accounts for',
  ),
  refusedShareForVerdict: share(
    'callers',
    0.03,
    'a lower share of throttled calls, in the minutes with throttled calls, is not a problem: if each call has three attempts, one call in 37,000 fails',
  ),
  callerRefusedShare: share(
    'callers',
    0.5,
    'if at least this share of the calls of one caller is throttled, to one operation or to all operations that throttle calls, this is a problem, however few of all calls these are: if each call has three attempts, one call in eight fails',
  ),
  servedUnderLimit: count(
    'callers',
    10,
    'if fewer calls were served under a limit, in ten seconds and, with less weight, in the twenty before, its throttled calls are not attributed to them: a limit of one call in two seconds would serve nine',
  ),
  refusedForVerdict: count(
    'callers',
    5,
    'fewer throttled calls under one limit, or of one caller, do not count, because they may be chance; if they are a considerable share, the verdict is unknown',
  ),
  ownLimitCalls: count(
    'callers',
    20,
    'an operation can count as one with a limit of its own only if this many of its calls would have been throttled, had they been throttled as often as the calls to other operations in the same seconds; fewer may be chance',
  ),
  ownLimitShare: share(
    'callers',
    0.1,
    'an operation seems to have a limit of its own if a lower share of these calls was throttled; bursts of one caller make the shares of operations with one limit differ too, but less',
  ),
  retryWithin: seconds(
    'backoff',
    60,
    'a call with the same parameters counts as a retry if it comes within this many seconds after a throttled call',
  ),
  sdkFirstWait: seconds(
    'backoff',
    0.25,
    'mean time before the first retry of the SDKs that wait least among those that wait long enough for a throttled call; it doubles before the second retry and before the third. The defaults of the SDKs for JavaScript v2, PHP, C++ and Kotlin are shorter, and too short',
  ),
  sdkWaitShare: share(
    'backoff',
    0.7,
    'a mean time before retries that is a lower share of that of the SDK does not count as backoff',
  ),
  firstRetries: count('backoff', 100, 'number of first retries that are needed to judge them alone'),
  nextRetries: count('backoff', 20, 'number of second and third retries that are needed to judge them alone'),
  retriesTogether: count(
    'backoff',
    50,
    'number of first, second and third retries that are needed to judge them together',
  ),
  laterRetryGap: seconds(
    'backoff',
    1.5,
    'a shorter mean time before later retries does not count as backoff; SDKs that retry so often wait 3 s or more',
  ),
  laterRetries: count('backoff', 10, 'number of later retries that are needed for such a mean'),
  laterRetriesShare: share(
    'backoff',
    0.05,
    'number of later retries that are needed for such a mean, as a share of the second and third retries; if there are fewer, they are probably new calls of a client that has stopped retrying',
  ),
  retrySooner: times(
    'backoff',
    1.5,
    'calls count as retries only if the time from a served call to the next call is this many times the time from a throttled call to the next; otherwise they are calls of other threads',
  ),
  callsOfOneProcess: count(
    'backoff',
    25,
    "more equal calls in one second count as calls of several processes, whose retries can't be distinguished",
  ),
  unjudgedShare: share(
    'backoff',
    0.05,
    'if the retries of a caller with at least this share of the throttled calls give no answer, the verdict is unknown, not in order',
  ),
  avoidableShare: share(
    'credential-cache',
    0.6,
    'share of avoidable requests of a process: those that it made before half of the lifetime of an equal session had passed',
  ),
  avoidablePerHour: count(
    'credential-cache',
    60,
    'avoidable requests of a caller in its busiest hour; a process that is restarted every minute makes fewer',
  ),
  avoidableAllowed: count(
    'credential-cache',
    3,
    'avoidable requests for the same session that a process may make in an hour, because restarted jobs make them',
  ),
  avoidablePerProcessAndHour: count(
    'credential-cache',
    20,
    'avoidable requests of one process in its busiest hour, without those that avoidableAllowed permits; ten processes on one host, each with a cache, make fewer',
  ),
  newNamesPerHour: count(
    'credential-cache',
    300,
    'if one process requests this many sessions an hour for one role, and hardly any session name is used again, the names count as generated',
  ),
  sessionsForVerdict: count(
    'credential-cache',
    20,
    'fewer sessions are not enough to say that callers cache their sessions',
  ),
  sessionsExaminedShare: share(
    'credential-cache',
    0.5,
    'if a lower share of the requests for sessions can be examined, the verdict is unknown, not in order',
  ),
  renewalWithin: seconds(
    'session-duration',
    300,
    'a request counts as a renewal if it comes at most this many seconds after the end of the session',
  ),
  renewals: count('session-duration', 5, 'renewals by one caller, of all its roles together'),
  savedByLongerSessions: count(
    'session-duration',
    20,
    'calls that longer sessions would have saved one caller in the whole period',
  ),
  savedByLongerSessionsPerHour: count(
    'session-duration',
    1,
    'calls that longer sessions would have saved one caller in an hour',
  ),
  burstCalls: count('bursts', 200, 'reads of IAM by one caller'),
  burstPeak: count('bursts', 60, 'reads in the busiest minute, and served reads in some minute'),
  burstFactor: count(
    'bursts',
    10,
    'how many times faster the busiest minute is than the same reads spread over burstSpreadHours',
  ),
  burstSpreadHours: count('bursts', 6, 'hours over which an audit can be spread'),
  burstRefusedShare: share(
    'bursts',
    0.01,
    "share of the account's calls to the operations that the caller reads with that were throttled in its busy minutes; if it is lower, the burst is not reported",
  ),
  burstOwnShare: share(
    'bursts',
    0.2,
    "the caller's share of the account's served calls to these operations in these minutes; if it is lower, the caller is not the cause",
  ),
  burstActiveShare: share(
    'bursts',
    0.6,
    'if a caller is busy in more than this share of the period, its calls are not bursts',
  ),
  policyWrites: count(
    'policy-writes',
    20,
    'changes of one target by one caller, or policies, roles, users and groups that one caller both created and deleted',
  ),
  policyWriteMinutes: count(
    'policy-writes',
    10,
    'different minutes in which it changed the target, or created policies or roles',
  ),
  policyWriteEvery: seconds(
    'policy-writes',
    1500,
    'a mean time between these minutes that is longer does not count, unless policyWriteMinutes of them are in one hour: a pipeline that deploys twice an hour, or less often, hardly uses the limit',
  ),
  globalCalls: count('sts-endpoint', 10, 'calls to the global endpoint by one caller'),
  globalCallsTogether: count(
    'sts-endpoint',
    50,
    'calls to the global endpoint by all callers with fewer calls together, from which on they are named: as many as five callers with globalCalls make, under the one limit that they share',
  ),
  accountCalls: count(
    'accounts',
    100,
    'fewer calls of all accounts are not enough to say which account makes most of them',
  ),
  accountShare: share('accounts', 0.5, 'share of all calls that one account makes'),
  accountCallerShare: share(
    'accounts',
    0.1,
    "a caller is named if it makes at least this share of that account's calls",
  ),
  accountRefusedShare: share('accounts', 0.01, "share of that account's calls that are throttled"),
});
export type Thresholds = v.InferOutput<typeof Thresholds>;

export const defaultThresholds: Thresholds = v.parse(Thresholds, {});

/** The thresholds with some of them changed. @throws Error that names the threshold and says which values are allowed */
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
