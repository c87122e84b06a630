import type { Credentials } from '../../../contract/evidence.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { dayAndAge, describeIdleness, idlenessOf } from '../../use/idleness.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  privilegeLevelEvidence,
  privilegeLevelOf,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule, RuleContext } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

export const unusedPassword: PrincipalRule = {
  id: 'unused-password',
  subject: 'principal',
  controls: ['CIS 3.0 1.12', 'FSBP IAM.8'],
  severity:
    'medium if the user has no MFA, or is an administrator, or can change permissions or obtain credentials; otherwise low',
  meaning:
    'The user has a console password, but never signed in with it, or not within the `unusedAfterDays` setting. The user is active in other ways. A user without any activity is reported by unused-user instead.',
  why: 'An attacker can use the password. The misuse is hard to notice, because the user does not sign in.',
  remedy: 'Delete the user’s password (its login profile). Its access keys continue to work.',
  find: (record, context) => {
    const { credentials } = record;
    if (record.type !== 'user' || credentials === null) return [];
    if (!canBeRemoved(record, context.graceDays, context.now) || !isUnusedPassword(credentials, context)) return [];
    const idleness = idlenessOf(record, context);
    if (idleness.kind === 'idle') return [];
    const level = privilegeLevelOf(record);
    const { passwordLastUsed, passwordLastChanged, mfaActive } = credentials;
    return [
      {
        key: '',
        severity: isPrivileged(level) || !mfaActive ? 'medium' : 'low',
        title: `User ${record.name} has a console password but does not use it`,
        detail: [
          passwordLastUsed === null
            ? 'The password was never used.'
            : `The password was last used on ${dayAndAge(passwordLastUsed, context.now)}.`,
          ...(passwordLastChanged === null ? [] : [`It was set on ${dayAndAge(passwordLastChanged, context.now)}.`]),
          describeIdleness(idleness, context.now, 'The user'),
          describePrivilegeLevel(level, 'The user'),
        ].join(' '),
        evidence: { passwordLastUsed, passwordLastChanged, mfaActive, ...privilegeLevelEvidence(level) },
      },
    ];
  },
};

/** A password that was set within the grace days does not count, even if the user is older. */
function isUnusedPassword(
  { passwordEnabled, passwordLastUsed, passwordLastChanged }: Credentials,
  { now, graceDays, unusedAfterDays }: RuleContext,
): boolean {
  if (passwordEnabled !== true) return false;
  if (passwordLastChanged !== null && !isOlder(passwordLastChanged, graceDays, now)) return false;
  return passwordLastUsed === null || isOlder(passwordLastUsed, unusedAfterDays, now);
}
