import * as v from 'valibot';
import type { Answer, Diagnosis, DoctorSource, LeftOut, RefusedWindow } from '../../contract/doctor/diagnosis.ts';
import { listedBriefly } from '../../wording/wording.ts';
import type { LogQueries } from '../../ports/log-queries.ts';
import { clientOf } from '../clients/client-of.ts';
import { hoursBetween, rounded, type Evidence, type SeenClient, type Totals } from '../evidence.ts';
import { allQuestions } from '../questions/all-questions.ts';
import { culpritsByPool } from '../questions/callers.ts';
import { Num, NumOrNull, parseRows, Text, TextOrNull } from '../rows.ts';
import type { Thresholds } from '../thresholds.ts';

export interface ExamineOptions {
  readonly queries: LogQueries;
  readonly thresholds: Thresholds;
  /** What was read. The number of audited calls is missing, because the queries count them. */
  readonly source: Omit<DoctorSource, 'events' | 'audited' | 'from' | 'to'> & {
    /** Null if only calls to IAM and STS were read: the number of these calls is used instead. */
    readonly events: number | null;
    /** ISO 8601; null: the time of the first call. */
    readonly from: string | null;
    /** ISO 8601; null: the time of the last call. */
    readonly to: string | null;
  };
  readonly onQuestion?: (done: number, of: number) => void;
}

const TotalsRow = v.object({
  calls: Num,
  refused: Num,
  first_sec: NumOrNull,
  last_sec: NumOrNull,
  refused_with_params: Num,
  strays: Num,
  iam_calls: Num,
  keyless_sessions: Num,
  outside_sessions: Num,
  outside_accounts: Num,
  outside_account: TextOrNull,
  first_region_calls: Num,
  other_partition_calls: Num,
});

/** The diagnosis, and what the page shows besides it. */
export interface Examination {
  readonly diagnosis: Diagnosis;
  /** The callers that used up each limit, by pool. */
  readonly culprits: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Answers all questions. @throws LogQueryError */
export const examine = async (options: ExamineOptions): Promise<Diagnosis> => (await examination(options)).diagnosis;

/** Answers all questions. @throws LogQueryError */
export async function examination({ queries, thresholds, source, onQuestion }: ExamineOptions): Promise<Examination> {
  const steps = allQuestions.length + 3;
  let done = 0;
  const step = <T>(result: T): T => {
    done += 1;
    onQuestion?.(done, steps);
    return result;
  };
  const totals = step(totalsOf(parseRows('totals', TotalsRow, await queries.ask('totals'))));
  const windows = step(
    joinedWindows(parseRows('windows', WindowRow, await queries.ask('windows')), totals.firstSec ?? 0),
  );
  const clients = step(clientsByCaller(parseRows('clients', ClientRow, await queries.ask('clients'))));
  const evidence: Evidence = {
    totals,
    thresholds,
    hours: hoursBetween(totals.firstSec ?? 0, totals.lastSec ?? 0),
    clientsOf: (caller) => clients.get(caller) ?? [],
  };
  const own = [...clients].filter(([, agents]) => agents.some(isOwn)).map(([caller]) => caller);
  const questions = [];
  let culprits: Examination['culprits'] = new Map();
  for (const question of allQuestions) {
    const rows = await queries.ask(question.id);
    if (question.id === 'callers') culprits = culpritsByPool(rows, evidence);
    questions.push(step(withOwnCalls(question.answer(rows, evidence), own)));
  }
  const { from, to, events, ...rest } = source;
  const diagnosis: Diagnosis = {
    schemaVersion: 1,
    source: {
      ...rest,
      from: from ?? isoOf(totals.firstSec ?? 0),
      to: to ?? isoOf(totals.lastSec ?? 0),
      events: events ?? totals.calls,
      audited: totals.calls,
      leftOut: [...rest.leftOut, ...strayCalls(totals)],
    },
    refused: {
      calls: totals.refused,
      share: totals.calls === 0 ? 0 : rounded(totals.refused / totals.calls),
      windows,
    },
    questions,
  };
  return { diagnosis, culprits };
}

/**
 * The audit's own SDK clients end their user agent with this name (`aws/client-options.ts`). Every program can send it, so
 * it does not change a verdict: the sentence only says what to do if it is true.
 */
const isOwn = ({ userAgent }: SeenClient): boolean => /(^|\s)iam-audit(\/|\s|$)/.test(userAgent);

/** Adds a sentence that says whether callers with the audit's user agent are named. */
function withOwnCalls(answer: Answer, own: readonly string[]): Answer {
  if (own.length === 0 || answer.verdict === 'unknown') return answer;
  const named = answer.callers.map(({ caller }) => caller).filter((caller) => own.includes(caller));
  const sentence =
    named.length === 0
      ? `No caller with the user agent of iam-audit (${listedBriefly(own, 2)}) is named.`
      : `${listedBriefly(named, 2)} ${named.length === 1 ? 'sends' : 'send'} the user agent of iam-audit, as any program can. If ${named.length === 1 ? 'it is' : 'they are'} this audit, set a lower --rate-share or a longer --spread-over.`;
  return { ...answer, summary: `${answer.summary} ${sentence}` };
}

const strayCalls = ({ strays }: Totals): LeftOut[] =>
  strays === 0
    ? []
    : [
        {
          what: 'calls with a wrong time',
          reason:
            'Their times differ by more than a day from those of the other calls. They are counted as calls, but do not make the period longer',
          count: strays,
        },
      ];

function totalsOf([row]: readonly v.InferOutput<typeof TotalsRow>[]): Totals {
  return {
    calls: row?.calls ?? 0,
    refused: row?.refused ?? 0,
    refusedWithParameters: row?.refused_with_params ?? 0,
    iamCalls: row?.iam_calls ?? 0,
    keylessSessions: row?.keyless_sessions ?? 0,
    outsideSessions: row?.outside_sessions ?? 0,
    outsideAccounts: row?.outside_accounts ?? 0,
    outsideAccount: row?.outside_account ?? null,
    hasFirstRegion: (row?.first_region_calls ?? 0) + (row?.other_partition_calls ?? 0) > 0,
    strays: row?.strays ?? 0,
    firstSec: row?.first_sec ?? null,
    lastSec: row?.last_sec ?? null,
  };
}

const WindowRow = v.object({ pool: Text, minute: Num, served: Num, refused: Num });

const MINUTE = 60;

/** Joins consecutive minutes of a pool. `to` is the end of the last minute. No window begins before the logs. */
function joinedWindows(minutes: readonly v.InferOutput<typeof WindowRow>[], firstSec: number): RefusedWindow[] {
  const windows: { pool: string; first: number; last: number; served: number; refused: number }[] = [];
  for (const { pool, minute, served, refused } of minutes) {
    const open = windows.at(-1);
    if (open?.pool === pool && open.last + MINUTE === minute) {
      open.last = minute;
      open.served += served;
      open.refused += refused;
    } else {
      windows.push({ pool, first: minute, last: minute, served, refused });
    }
  }
  return windows.map(({ pool, first, last, served, refused }) => ({
    pool,
    from: isoOf(Math.max(first, firstSec - (firstSec % MINUTE))),
    to: isoOf(last + MINUTE),
    served,
    refused,
  }));
}

const ClientRow = v.object({ caller: Text, user_agent: TextOrNull, calls: Num, refused: Num, invoked_by: TextOrNull });

function clientsByCaller(rows: readonly v.InferOutput<typeof ClientRow>[]): Map<string, SeenClient[]> {
  const clients = new Map<string, SeenClient[]>();
  for (const { caller, user_agent, invoked_by } of rows) {
    clients.set(caller, [
      ...(clients.get(caller) ?? []),
      { userAgent: user_agent ?? '', ...clientOf(user_agent, invoked_by) },
    ]);
  }
  return clients;
}

const isoOf = (sec: number): string => new Date(1_000 * sec).toISOString().replace('.000Z', 'Z');
