import type { CallerAnswer, CallerKind, QuestionId } from '../contract/doctor/diagnosis.ts';
import type { Severity } from '../contract/finding.ts';
import type { CallingClient } from './clients/client-of.ts';
import type { RemedyContext } from './remedies/examples/context.ts';
import { remedyFor } from './remedies/remedy-for.ts';
import type { Thresholds } from './thresholds.ts';

/** Counts of the whole analysis. */
export interface Totals {
  /** Calls to IAM and STS, each once. */
  readonly calls: number;
  readonly refused: number;
  /** Throttled calls that have their request parameters. */
  readonly refusedWithParameters: number;
  /** Calls to IAM by others than AWS services. */
  readonly iamCalls: number;
  /** Successful requests for a session that have no access key: with web identity or SAML. */
  readonly keylessSessions: number;
  /** Successful requests for a session of a role by callers of other accounts, of which only the account is recorded. */
  readonly outsideSessions: number;
  /** Number of these accounts, and one of them. */
  readonly outsideAccounts: number;
  readonly outsideAccount: string | null;
  /** Whether calls of us-east-1 were read, or of another partition, where the Region of IAM is another one. */
  readonly hasFirstRegion: boolean;
  /** Calls whose time differs by more than a day from the times of nearly all other calls. */
  readonly strays: number;
  /** Time of the first and of the last call, in seconds since 1970. Null if there are no calls. */
  readonly firstSec: number | null;
  readonly lastSec: number | null;
}

/** A caller as the queries name it. */
export interface Caller {
  readonly caller: string;
  readonly accountId: string;
  readonly kind: CallerKind;
}

/** A client of a caller, as its user agent names it. */
export interface SeenClient extends CallingClient {
  readonly userAgent: string;
}

/** The data that every question can use, besides the rows of its own query. */
export interface Evidence {
  readonly totals: Totals;
  readonly thresholds: Thresholds;
  /** Length of the period that the calls cover, in hours; at least one minute. */
  readonly hours: number;
  /** Those with the most calls first. */
  clientsOf(caller: string): readonly SeenClient[];
}

/** The length of a period in hours; at least one minute. @param from seconds since 1970; `to` likewise */
export const hoursBetween = (from: number, to: number): number => Math.max(to - from, 60) / 3_600;

/** Counts are divided by this for an hourly rate: one hour or more, because less would be extrapolated. */
export const hoursForRates = ({ hours }: Pick<Evidence, 'hours'>): number => Math.max(hours, 1);

/** The severity of a habit is medium or high from this number of calls an hour on. */
const MEDIUM_CALLS_PER_HOUR = 100;
const HIGH_CALLS_PER_HOUR = 1_000;
/** From this share of throttled calls on, the severity of each habit is one step higher. */
const RAISED_FROM_REFUSED_SHARE = 0.01;

/** Severity by the number of calls an hour that the habit causes; one step higher if 1 % or more of all calls were throttled. */
export function severityOf(callsPerHour: number, { totals }: Pick<Evidence, 'totals'>): Severity {
  const steps: readonly Severity[] = ['low', 'medium', 'high', 'critical'];
  const step = callsPerHour >= HIGH_CALLS_PER_HOUR ? 2 : callsPerHour >= MEDIUM_CALLS_PER_HOUR ? 1 : 0;
  const raised = totals.calls > 0 && totals.refused / totals.calls >= RAISED_FROM_REFUSED_SHARE ? 1 : 0;
  return steps[step + raised] ?? 'critical';
}

/** The fields of an answer that are the same for every question. */
export const answerFor = (
  evidence: Evidence,
  question: QuestionId,
  { caller, accountId, kind }: Caller,
  rest: Pick<CallerAnswer, 'operation' | 'figures' | 'diagnosis' | 'saves'> & {
    readonly callsPerHour: number;
    readonly context?: Omit<RemedyContext, 'clients' | 'operation'>;
  },
): CallerAnswer => {
  const clients = evidence.clientsOf(caller);
  const { callsPerHour, context, ...own } = rest;
  return {
    caller,
    accountId,
    kind,
    clients: clients.map(({ userAgent, sdk, retryMode }) => ({ userAgent, sdk, retryMode })),
    severity: severityOf(callsPerHour, evidence),
    ...own,
    figures: Object.fromEntries(Object.entries(own.figures).map(([name, value]) => [name, rounded(value)])),
    remedy: remedyFor(question, {
      ...context,
      caller,
      kind,
      operation: own.operation,
      spreadHours: evidence.thresholds.burstSpreadHours,
      clients,
    }),
  };
};

/** Rounded to three decimals, so that figures are short and equal in all engines. Only nothing becomes 0, and only the whole 1. */
export function rounded(value: number): number {
  const short = Math.round(value * 1000) / 1000;
  return short === 0 || short === 1 ? Number(value.toPrecision(6)) : short;
}
