import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, NumOrNull, parseRows, TextOrNull } from '../rows.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { counted, duration, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  role: TextOrNull,
  sessions: Num,
  renewals: Num,
  shortest: Num,
  longest: Num,
  saved: Num,
  mean_duration: NumOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Callers whose sessions are shorter than they could be. */
export const sessionDuration: Question = {
  id: 'session-duration',
  asks: 'Which callers renew short sessions although the sessions could last longer?',
  method:
    "A session is renewed if its process requests the same session again after half of its lifetime, and not later than five minutes after its end. A session can last one hour if the caller is a session itself (role chaining), otherwise up to twelve hours if the role allows it. The renewals of all roles of a caller count together. CloudTrail does not show the role's maximum session duration.",
  answer(rows, evidence) {
    const roles = parseRows('session-duration', Row, rows);
    const byCaller = groupedBy(
      roles.filter(({ saved }) => saved > 0),
      ({ caller }) => caller,
    ).filter((own) => areShort(own, evidence));
    if (byCaller.length > 0) {
      const saved = savedBy(byCaller.flat());
      return found(
        'session-duration',
        `${counted(byCaller.length, 'caller')} ${byCaller.length === 1 ? 'renews' : 'renew'} short sessions. Longer ones would have saved about ${counted(Math.round(saved), 'call')}.`,
        byCaller.flatMap((own) => answerOf(own, evidence)),
      );
    }
    const renewals = renewalsBy(roles);
    const sessions = roles.reduce((sum, row) => sum + row.sessions, 0);
    const shortest = Math.min(...roles.map((row) => row.shortest));
    // A session is renewed after half of its time at the earliest.
    const isTooShort = renewals < evidence.thresholds.renewals && 3_600 * evidence.hours < 2 * shortest;
    return isTooShort || (renewals < evidence.thresholds.renewals && sessions < evidence.thresholds.sessionsForVerdict)
      ? unknown(
          'session-duration',
          'The logs contain too few renewals of sessions for an answer.',
          `An answer needs at least ${evidence.thresholds.renewals} renewals by one process. Read a period of several hours.`,
        )
      : inOrder(
          'session-duration',
          `No caller renews short sessions often: ${counted(renewals, 'renewal')} in ${counted(sessions, 'session')}.`,
        );
  },
};

const savedBy = (own: readonly Row[]): number => own.reduce((sum, { saved }) => sum + saved, 0);
const renewalsBy = (own: readonly Row[]): number => own.reduce((sum, { renewals }) => sum + renewals, 0);

/** Whether longer sessions save enough. A caller of many roles renews few sessions of each, so the roles count together. */
const areShort = (own: readonly Row[], { thresholds, hours }: Evidence): boolean =>
  renewalsBy(own) >= thresholds.renewals &&
  savedBy(own) >= thresholds.savedByLongerSessions &&
  savedBy(own) / Math.max(hours, 1) >= thresholds.savedByLongerSessionsPerHour;

function answerOf(own: readonly Row[], evidence: Evidence) {
  const [row] = [...own].sort((a, b) => b.saved - a.saved);
  if (row === undefined) return [];
  const saved = savedBy(own);
  const renewals = renewalsBy(own);
  const hours = hoursForRates(evidence);
  const isRoleChaining = row.longest <= ONE_HOUR;
  const mean = meanDuration(own) ?? row.shortest;
  return [
    answerFor(evidence, 'session-duration', callerOf(row), {
      operation: 'sts:AssumeRole',
      callsPerHour: saved / hours,
      context: { role: row.role, sessionSeconds: row.shortest, longestSeconds: row.longest },
      figures: {
        renewals,
        sessions: own.reduce((sum, one) => sum + one.sessions, 0),
        sessionSeconds: mean,
        longestSeconds: row.longest,
        saved,
        perHourBefore: renewals / hours,
        perHourAfter: (renewals - saved) / hours,
      },
      diagnosis: `It renewed ${whole(renewals)} sessions of ${duration(mean)}${row.role === null ? '' : ` of ${row.role}`}${own.length === 1 ? '' : ` and ${counted(own.length - 1, 'other role')}`} shortly before or after their end. ${isRoleChaining ? 'It is a session itself, so its sessions can last one hour at most.' : "Its sessions can last up to 12 hours if the role's maximum session duration is raised."} Longer sessions would have saved about ${counted(Math.round(saved), 'call')}.`,
      saves: { callsPerHour: Math.round((10 * saved) / hours) / 10 },
    }),
  ];
}

/** Of the renewed sessions of all roles, in seconds. */
function meanDuration(own: readonly Row[]): number | null {
  const renewals = renewalsBy(own);
  const seconds = own.reduce((sum, one) => sum + one.renewals * (one.mean_duration ?? 0), 0);
  return renewals === 0 ? null : seconds / renewals;
}

const ONE_HOUR = 3_600;
