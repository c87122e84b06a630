import * as v from 'valibot';

const share = (value: number) => v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), value);
const seconds = (value: number) => v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(86_400)), value);
const atLeast = (value: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9)), value);

/**
 * The thresholds of the questions. `docs/doctor.md` shows them; `doctor --threshold name=value` changes one. The numbers come from
 * simulated callers with the retry behaviour of the SDKs (`npm run bench:doctor`).
 */
export const Thresholds = v.object({
  /** Callers: these are named until together they account for this share of the refusals. */
  callersCover: share(0.5),
  /** Callers: a caller is not named if it accounts for less than this share of what the first one does. */
  callersBesideFirst: share(0.34),
  /** Callers: a caller is not named if it accounts for less than this share of the refusals: then many share the load. */
  callersLeast: share(0.1),
  /** Callers: one that accounts for at least this part of what the last one named does is named too. */
  callersEqual: share(0.75),
  /** Callers: fewer throttled calls of a pool are an accident. */
  refusedForVerdict: atLeast(5),

  /** Backoff: a call with the same parameters this many seconds after a throttled one is its retry. */
  retryWithin: seconds(60),
  /** Backoff: mean seconds before a first retry. AWS SDKs wait 0.25 to 0.5 s on average. */
  firstRetryGap: seconds(0.15),
  firstRetries: atLeast(100),
  /** Backoff: mean seconds before a second or third retry. AWS SDKs wait 0.57 s or more on average. */
  nextRetryGap: seconds(0.4),
  nextRetries: atLeast(20),
  /** Backoff: mean seconds before a fourth or later retry. SDKs that retry so often wait 3 s or more. */
  laterRetryGap: seconds(1.5),
  laterRetries: atLeast(10),
  /** Backoff: more calls a second with the same parameters come from processes side by side: then nothing can be told. */
  callsOfOneProcess: atLeast(25),

  /** Credential cache: share of a caller's sessions requested before half of the former session has passed. */
  avoidableShare: share(0.6),
  /** Credential cache: such sessions in the busiest hour. One process that starts anew each minute is below it. */
  avoidablePerHour: atLeast(60),
  /** Credential cache: such sessions of one process in its busiest hour. Worker processes on one host are below it. */
  avoidablePerProcessAndHour: atLeast(10),
  /** Credential cache: fewer sessions than this are no evidence that a caller caches. */
  sessionsForVerdict: atLeast(20),

  /** Session duration: a call at most this many seconds after the end of a session renews it. */
  renewalWithin: seconds(300),
  renewals: atLeast(5),
  /** Session duration: calls that longer sessions would have saved, in all and in an hour. */
  savedByLongerSessions: atLeast(20),
  savedByLongerSessionsPerHour: atLeast(1),

  /** Bursts: reads of IAM by one caller, in all and in the busiest minute. */
  burstCalls: atLeast(200),
  burstPeak: atLeast(60),
  /** Bursts: the busiest minute, as a multiple of the same calls spread over `burstSpreadHours`. */
  burstFactor: atLeast(10),
  burstSpreadHours: atLeast(6),
  /** Bursts: share of the pool's calls throttled in the caller's minutes. A burst that nobody notices is no fault. */
  burstRefusedShare: share(0.01),
  /** Bursts: share of the pool's served calls that the caller had in its minutes. A lower one is not the cause. */
  burstOwnShare: share(0.2),
  /** Bursts: a caller that is active in more than this share of the period does not come in bursts. */
  burstActiveShare: share(0.6),

  /** Policy writes: changes of one target by one caller, and the minutes in which they happened. */
  policyWrites: atLeast(20),
  policyWriteMinutes: atLeast(10),

  /** STS endpoint: calls to the global endpoint. */
  globalCalls: atLeast(10),

  /** Accounts: share of all calls that one account makes, if an organization's logs were read. */
  accountShare: share(0.5),
  /** Accounts: callers with at least this share of their account's calls are named. */
  accountCallerShare: share(0.1),
  /** Accounts: share of that account's calls that were throttled. */
  accountRefusedShare: share(0.01),
});
export type Thresholds = v.InferOutput<typeof Thresholds>;

export const defaultThresholds: Thresholds = v.parse(Thresholds, {});
