import * as v from 'valibot';
import { listedBriefly } from '../../wording/wording.ts';
import { answerFor, type Evidence, type Totals } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, Text } from '../rows.ts';
import { counted, duration, percent, whole } from './numbers.ts';
import { found, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  sessions: Num,
  suspect_sessions: Num,
  unsure_sessions: Num,
  assumed_sessions: Num,
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
    'A session can be used again by the same process (access key and address) for the same role, session policy, tags, external ID, source identity and session name. Session names that are generated for each call count as one name: names with a generated part, and names of which a process uses hundreds an hour, hardly any of them again. Names with an @ or a dot may belong to people, so nothing is assumed about them. A request is avoidable if less than half of the lifetime of the earlier session has passed, because SDKs renew sessions 5 to 15 minutes before their end. Calls with web identity or SAML have no access key, so their processes cannot be distinguished: many pods have one identity and one address. They are not examined, and the answer says how many they are. The same is true of callers of other accounts, if only the logs of the account of the role are read.',
  answer(rows, evidence) {
    const callers = parseRows('credential-cache', Row, rows);
    const sessions = callers.reduce((sum, row) => sum + row.sessions, 0);
    const unsure = callers.reduce((sum, row) => sum + row.unsure_sessions, 0);
    const notExamined = `${leftOutInWords(evidence.totals)}${unsureInWords(callers)}`;
    const wasteful = callers.filter((row) => isWasteful(row, evidence));
    if (wasteful.length > 0) {
      const avoidable = wasteful.reduce((sum, row) => sum + row.avoidable, 0);
      return found(
        'credential-cache',
        `${counted(wasteful.length, 'caller')} ${wasteful.length === 1 ? 'does' : 'do'} not cache credentials: ${counted(avoidable, 'session')} ${avoidable === 1 ? 'was' : 'were'} requested in the first half of the lifetime of an equal session.${notExamined}`,
        wasteful.map((row) => answerOf(row, evidence)),
      );
    }
    if (2 * unsure > sessions) {
      return unknown(
        'credential-cache',
        `${whole(unsure)} of ${counted(sessions, 'session')} have a session name that is hardly ever used again.`,
        'If the names are those of requests or jobs, one session is enough for all of them. If they are those of persons or tenants, each needs its own session. CloudTrail does not show which is the case. Look at the session names of the caller with the most sessions.',
      );
    }
    const { keylessSessions, outsideSessions } = evidence.totals;
    const all = sessions + keylessSessions + outsideSessions;
    if (sessions < evidence.thresholds.sessionsExaminedShare * all) {
      const others =
        sessions === 0 ? '' : ` The other ${whole(sessions)} do not show that a caller requests sessions too often.`;
      return unknown(
        'credential-cache',
        `${counted(keylessSessions + outsideSessions, 'request')} of ${whole(all)} for a session can't be examined.${leftOutInWords(evidence.totals)}${others}`,
        [keylessSessions > 0 ? KEYLESS : null, outsideSessions > 0 ? readOtherAccounts(evidence.totals) : null]
          .filter((sentence) => sentence !== null)
          .join(' '),
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
          `No caller often requests a session in the first half of the lifetime of an equal one: ${counted(sessions, 'session')} in the logs.${notExamined}`,
        );
  },
};

const KEYLESS =
  'Requests with web identity or SAML have no access key, so CloudTrail does not show whether one process requests many sessions or many processes request one each. Compare the number of requests with the number of pods or jobs: a process needs about one session an hour.';

/** `account 111122223333`, or that account and the number of others. */
const accountsInWords = ({ outsideAccount, outsideAccounts }: Totals): string =>
  outsideAccounts === 1
    ? `account ${outsideAccount ?? 'unknown'}`
    : `${whole(outsideAccounts)} accounts, such as ${outsideAccount ?? 'unknown'}`;

const readOtherAccounts = (totals: Totals): string =>
  `The logs of this account show only the account of callers from other accounts, and neither their roles nor their access keys. Read the logs of ${accountsInWords(totals)}, or those of the trail of the organization.`;

/** The requests that were not examined, and why. */
function leftOutInWords(totals: Totals): string {
  const { keylessSessions, outsideSessions } = totals;
  const sentences = [
    keylessSessions === 0
      ? null
      : `${counted(keylessSessions, 'request')} with web identity or SAML ${keylessSessions === 1 ? 'was' : 'were'} not examined.`,
    outsideSessions === 0
      ? null
      : `${counted(outsideSessions, 'request')} by callers of ${accountsInWords(totals)} ${outsideSessions === 1 ? 'was' : 'were'} not examined.`,
  ];
  return sentences.map((sentence) => (sentence === null ? '' : ` ${sentence}`)).join('');
}

/** The callers whose session names may belong to people, if they are not the reason for the verdict. */
function unsureInWords(callers: readonly Row[]): string {
  const own = callers.filter(({ unsure_sessions }) => unsure_sessions > 0);
  if (own.length === 0) return '';
  const count = own.reduce((sum, row) => sum + row.unsure_sessions, 0);
  const named = listedBriefly(
    own.map(({ caller }) => caller),
    2,
  );
  return ` ${counted(count, 'session')} of ${named} ${count === 1 ? 'has a name' : 'have names'} that may belong to people. Each person needs a session of their own.`;
}

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
  const assumed =
    row.assumed_sessions === 0
      ? ''
      : ` This assumes that the names of ${counted(row.assumed_sessions, 'session')} are generated for each request, because hardly any of them is used again. If they are the names of persons or tenants, each of them needs a session, and these sessions are not avoidable.`;
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
    diagnosis: `It requested ${counted(row.sessions, 'session')}${row.roles === 1 ? ` of ${row.role}` : ` of ${whole(row.roles)} roles, most of ${row.role}`}. ${whole(row.avoidable)} (${percent(row.avoidable / row.sessions)}) were avoidable: ${counted(row.processes, 'process', 'processes')} requested them in the first half of the lifetime of an equal session, up to ${whole(row.busiest_hour)} in an hour. ${ONE_KEY_AND_ADDRESS}${assumed}${short}`,
    saves: { callsPerHour: Math.round(perHour) },
  });
}

/** What is counted as a process. */
const ONE_KEY_AND_ADDRESS =
  'A process is here an access key at an address. Many short processes with one key behind one address, such as functions or jobs behind a NAT gateway, look like one process: they need a shared cache, or fewer starts.';

/** `_DEFAULT_ADVISORY_REFRESH_TIMEOUT` of botocore 1.44.8. */
const BOTOCORE_RENEWAL_SECONDS = 900;
