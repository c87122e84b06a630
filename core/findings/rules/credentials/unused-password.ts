import type { Credentials } from '../../../contract/evidence.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { dayAndAge, describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { describeReach, isSensitive, reachEvidence, reachOf } from '../../abilities/privilege-level.ts';
import type { PrincipalRule, RuleContext } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

export const unusedPassword: PrincipalRule = {
  id: 'unused-password',
  subject: 'principal',
  severity:
    'medium where the user is an administrator or can extend its rights or get at credentials, or has no MFA; otherwise low',
  meaning:
    'The user has a password, but has not signed in with it within the days after which something counts as unused, or ever; it is active otherwise. Of users that are not, unused-user tells.',
  why: 'A password that nobody uses is one more way in that nobody watches.',
  remedy: 'Delete the user’s password (its login profile). Its access keys go on working.',
  find: (record, context) => {
    const { credentials } = record;
    if (record.type !== 'user' || credentials === null) return [];
    if (!canBeRemoved(record, context.graceDays, context.now) || !isUnusedPassword(credentials, context)) return [];
    const idleness = idlenessOf(record, context);
    if (idleness.kind === 'idle') return [];
    const reach = reachOf(record);
    const { passwordLastUsed, passwordLastChanged, mfaActive } = credentials;
    return [
      {
        key: '',
        severity: isSensitive(reach) || !mfaActive ? 'medium' : 'low',
        title: `User ${record.name} has a password and does not use it`,
        detail: [
          passwordLastUsed === null
            ? 'The password was never used.'
            : `The password was last used on ${dayAndAge(passwordLastUsed, context.now)}.`,
          ...(passwordLastChanged === null ? [] : [`It was set on ${dayAndAge(passwordLastChanged, context.now)}.`]),
          describeIdleness(idleness, context.now, 'The user'),
          describeReach(reach, 'The user'),
        ].join(' '),
        evidence: { passwordLastUsed, passwordLastChanged, mfaActive, ...reachEvidence(reach) },
      },
    ];
  },
};

/** A password set a short time ago has had no time to be used, however old the user is. */
function isUnusedPassword(
  { passwordEnabled, passwordLastUsed, passwordLastChanged }: Credentials,
  { now, graceDays, unusedAfterDays }: RuleContext,
): boolean {
  if (passwordEnabled !== true) return false;
  if (passwordLastChanged !== null && !isOlder(passwordLastChanged, graceDays, now)) return false;
  return passwordLastUsed === null || isOlder(passwordLastUsed, unusedAfterDays, now);
}
