import * as v from 'valibot';
import { answerFor, hoursForRates, type Evidence } from '../evidence.ts';
import { callerColumns, callerOf, Num, parseRows, Text, TextOrNull } from '../rows.ts';
import { groupedBy } from '../../streams/grouped-by.ts';
import { counted, whole } from './numbers.ts';
import { found, IAM_LOGS_NEEDED, inOrder, unknown, type Question } from './question.ts';

const Row = v.object({
  ...callerColumns,
  target: Text,
  writes: Num,
  minutes: Num,
  busiest_minutes: Num,
  busiest_writes: Num,
  is_lifecycle: Num,
  created: Num,
  deleted: Num,
  first_sec: Num,
  last_sec: Num,
  operation: TextOrNull,
});
type Row = v.InferOutput<typeof Row>;

/** Callers that write policies while they run. */
export const policyWrites: Question = {
  id: 'policy-writes',
  asks: 'Which callers change IAM policies at run time, although a session policy would be sufficient?',
  method:
    'A caller that changes the same policy, role, user or group in many different minutes does so as part of its normal work. Deployments and administrators change a target only a few times. So does a caller that in many different minutes creates policies, or roles and users with policies, and deletes them again. Changes by AWS services and by CloudFormation do not count. Changes that are rare, as those of a pipeline that deploys once an hour, do not count either, whatever tool makes them. A test or a pipeline that creates and deletes its roles all day is named too: CloudTrail does not show its purpose.',
  answer(rows, evidence) {
    const targets = parseRows('policy-writes', Row, rows);
    const habitual = targets.filter((row) => isHabitual(row, evidence));
    if (habitual.length > 0) {
      const byCaller = groupedBy(habitual, ({ caller }) => caller);
      return found(
        'policy-writes',
        `${counted(byCaller.length, 'caller')} ${byCaller.length === 1 ? 'changes' : 'change'} IAM policies at run time: ${counted(
          habitual.reduce((sum, row) => sum + row.writes, 0),
          'change',
        )}.`,
        byCaller.flatMap((own) => answerOf(own, evidence)),
      );
    }
    const writes = targets.reduce((sum, row) => sum + row.writes, 0);
    if (evidence.totals.iamCalls === 0) {
      return unknown('policy-writes', 'The logs contain no call to IAM by your applications.', IAM_LOGS_NEEDED);
    }
    if (60 * evidence.hours < evidence.thresholds.policyWriteMinutes) {
      return unknown(
        'policy-writes',
        'The period is too short for an answer.',
        `An answer needs at least ${evidence.thresholds.policyWriteMinutes} minutes. Read a period of several hours.`,
      );
    }
    return inOrder(
      'policy-writes',
      writes === 0
        ? 'No caller changed an IAM policy.'
        : `The logs contain ${counted(writes, 'change')} of IAM policies. No caller changes the same target often enough for a habit.`,
    );
  },
};

/** Rare changes do not use the limit up. The user agent is no evidence: every program can send that of a deployment tool. */
function isHabitual(row: Row, { thresholds }: Evidence): boolean {
  const { policyWrites, policyWriteMinutes, policyWriteEvery } = thresholds;
  const changed = row.is_lifecycle === 1 ? Math.min(row.created, row.deleted) : row.writes;
  const isFrequent =
    row.busiest_minutes >= policyWriteMinutes || row.last_sec - row.first_sec <= policyWriteEvery * row.minutes;
  return changed >= policyWrites && row.minutes >= policyWriteMinutes && isFrequent;
}

const kindOf = (operation: string | null): string | undefined =>
  /Role|User|Group/.exec((operation ?? '').replace('AssumeRole', 'Role'))?.[0]?.toLowerCase();

/** `the policies of the role deploy 238 times`: whose name the target is follows from the operation. */
function changedInWords(own: readonly Row[], { target, operation, writes }: Row): string {
  const kind = kindOf(operation);
  const named =
    kind === undefined
      ? `the policy ${target}`
      : operation === 'iam:UpdateAssumeRolePolicy'
        ? `the trust policy of the role ${target}`
        : `the policies of the ${kind} ${target}`;
  if (own.length === 1) return `${named} ${whole(writes)} times`;
  const all = own.reduce((sum, one) => sum + one.writes, 0);
  return `${whole(own.length)} policies, roles, users or groups ${whole(all)} times, most often ${named}: ${whole(writes)} times`;
}

/** What a caller did, in the minutes of its most frequent habit. */
function habitInWords(own: readonly Row[], row: Row): string {
  const minutes = `in ${whole(row.minutes)} different minutes`;
  if (row.is_lifecycle === 0) {
    const changes = own.filter(({ is_lifecycle }) => is_lifecycle === 0);
    return `changed ${changedInWords(changes, row)} ${minutes}, most often with ${row.operation ?? 'several operations'}.`;
  }
  const kind = kindOf(row.operation);
  const what = kind === undefined ? 'policies' : `${kind}s with policies of their own`;
  return `created ${whole(row.created)} and deleted ${whole(row.deleted)} ${what} ${minutes}, for example ${row.target}.`;
}

function answerOf(own: readonly Row[], evidence: Evidence) {
  const [row] = [...own].sort((a, b) => b.writes - a.writes);
  if (row === undefined) return [];
  const writes = own.reduce((sum, one) => sum + one.writes, 0);
  const callsPerHour = writes / hoursForRates(evidence);
  return [
    answerFor(evidence, 'policy-writes', callerOf(row), {
      operation: row.operation,
      callsPerHour,
      figures: {
        writes,
        targets: own.length,
        minutes: row.minutes,
        minutesInBusiestHour: row.busiest_minutes,
        writesInBusiestHour: row.busiest_writes,
      },
      diagnosis: `It ${habitInWords(own, row)} Changes of IAM take effect after some seconds, and use the same limits of the account as deployments.`,
      saves: { callsPerHour: Math.round(callsPerHour) },
    }),
  ];
}
