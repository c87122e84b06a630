import * as v from 'valibot';
import { answerFor, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, Text } from '../rows.ts';
import { counted, duration, percent, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  sessions: Num,
  suspect_sessions: Num,
  unsure_sessions: Num,
  avoidable: Num,
  busiest_hour: Num,
  processes: Num,
  roles: Num,
  shortest: Num,
  first_sec: Num,
  last_sec: Num,
  role: Text,
});
type Row = v.InferOutput<typeof Row>;

/** Callers that request a new session for each use. */
export const credentialCache: Question = {
  id: 'credential-cache',
  asks: 'Which callers request a new STS session although an earlier one is still valid?',
  method:
    'A session can be used again by the same process (access key and address) for the same role, session policy, tags, external ID, source identity and session name. Session names that are generated for each call count as one name. A request is avoidable if less than half of the lifetime of the earlier session has passed, because SDKs renew sessions 5 to 15 minutes before their end. Calls with web identity or SAML have no access key, so their processes cannot be distinguished: many pods have one identity and one address. They are not examined, and the answer says how many they are.',
  answer(rows, evidence) {
    const callers = parseRows('credential-cache', Row, rows);
    const { keylessSessions } = evidence.totals;
    const keyless =
      keylessSessions === 0
        ? ''
        : ` ${counted(keylessSessions, 'request')} with web identity or SAML ${keylessSessions === 1 ? 'was' : 'were'} not examined.`;
    const wasteful = callers.filter((row) => isWasteful(row, evidence));
    if (wasteful.length > 0) {
      const avoidable = wasteful.reduce((sum, row) => sum + row.avoidable, 0);
      return found(
        'credential-cache',
        `${counted(wasteful.length, 'caller')} ${wasteful.length === 1 ? 'does' : 'do'} not cache credentials: ${counted(avoidable, 'session')} ${avoidable === 1 ? 'was' : 'were'} requested in the first half of the lifetime of an equal session.${keyless}`,
        wasteful.map((row) => answerOf(row, evidence)),
      );
    }
    const sessions = callers.reduce((sum, row) => sum + row.sessions, 0);
    const unsure = callers.reduce((sum, row) => sum + row.unsure_sessions, 0);
    if (2 * unsure > sessions) {
      return unknown(
        'credential-cache',
        `${whole(unsure)} of ${counted(sessions, 'session')} have a session name that is hardly ever used again.`,
        'If the names are those of requests or jobs, one session is enough for all of them. If they are those of persons or tenants, each needs its own session. CloudTrail does not show which is the case. Look at the session names of the caller with the most sessions.',
      );
    }
    if (sessions < evidence.thresholds.sessionsExaminedShare * (sessions + keylessSessions)) {
      return unknown(
        'credential-cache',
        `${counted(keylessSessions, 'request')} of ${whole(sessions + keylessSessions)} for a session ${keylessSessions === 1 ? 'was' : 'were'} made with web identity or SAML and can't be examined.${sessions === 0 ? '' : ` The other ${whole(sessions)} do not show that a caller requests sessions too often.`}`,
        'These requests have no access key, so CloudTrail does not show whether one process requests many sessions or many processes request one each. Compare the number of requests with the number of pods or jobs: a process needs about one session an hour.',
      );
    }
    return sessions < evidence.thresholds.sessionsForVerdict
      ? unknown(
          'credential-cache',
          `The logs contain ${sessions === 0 ? 'no request' : `only ${counted(sessions, 'request')}`} for a session by your applications.`,
          `An answer needs at least ${evidence.thresholds.sessionsForVerdict} successful calls to AssumeRole, GetSessionToken or GetFederationToken. Read the logs of the Regions in which your applications call STS, and a longer period.`,
        )
      : inOrder(
          'credential-cache',
          `No caller often requests a session in the first half of the lifetime of an equal one: ${counted(sessions, 'session')} in the logs.${keyless}`,
        );
  },
};

/** In a period shorter than an hour, a proportional part of the hourly threshold is enough, but never less than a third. */
function isWasteful({ avoidable, suspect_sessions, busiest_hour }: Row, { thresholds, hours }: Evidence): boolean {
  const needed = thresholds.avoidablePerHour * Math.min(1, Math.max(hours, 1 / 3));
  return avoidable >= thresholds.avoidableShare * suspect_sessions && busiest_hour >= needed;
}

function answerOf(row: Row, evidence: Evidence) {
  const hours = Math.max(row.last_sec - row.first_sec, 60) / 3_600;
  const perHour = row.avoidable / Math.max(hours, 1);
  const short =
    row.shortest <= BOTOCORE_RENEWAL_SECONDS
      ? ` Its sessions last ${duration(row.shortest)}. botocore renews sessions 15 minutes before their end, so it requests a new session for nearly every call.`
      : '';
  return answerFor(evidence, 'credential-cache', callerOf(row), {
    operation: row.role.startsWith('arn:') ? 'sts:AssumeRole' : `sts:${row.role}`,
    callsPerHour: perHour,
    context: {
      role: row.role.startsWith('arn:') ? row.role : null,
      sessionSeconds: row.shortest,
    },
    figures: {
      sessions: row.sessions,
      avoidable: row.avoidable,
      avoidableShare: row.suspect_sessions === 0 ? 0 : row.avoidable / row.suspect_sessions,
      perHourBefore: row.busiest_hour + (row.sessions - row.avoidable) / Math.max(hours, 1),
      perHourAfter: (row.sessions - row.avoidable) / Math.max(hours, 1),
      avoidableInBusiestHour: row.busiest_hour,
      processes: row.processes,
      roles: row.roles,
      shortestSession: row.shortest,
    },
    diagnosis: `It requested ${counted(row.sessions, 'session')}${row.roles === 1 ? ` of ${row.role}` : ` of ${whole(row.roles)} roles, most of ${row.role}`}. ${whole(row.avoidable)} (${percent(row.avoidable / row.sessions)}) were avoidable: ${counted(row.processes, 'process', 'processes')} requested them in the first half of the lifetime of an equal session, up to ${whole(row.busiest_hour)} in an hour.${short}`,
    saves: { callsPerHour: Math.round(perHour) },
  });
}

/** `_DEFAULT_ADVISORY_REFRESH_TIMEOUT` of botocore 1.44.8. */
const BOTOCORE_RENEWAL_SECONDS = 900;
