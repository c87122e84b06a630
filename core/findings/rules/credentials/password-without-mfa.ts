import type { Credentials } from '../../../contract/evidence.ts';
import { dayAndAge } from '../../use/idleness.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  privilegeLevelEvidence,
  privilegeLevelOf,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const passwordWithoutMfa: PrincipalRule = {
  id: 'password-without-mfa',
  subject: 'principal',
  controls: ['CIS 3.0 1.10', 'FSBP IAM.5'],
  severity: 'high if the user is an administrator, or can change permissions or obtain credentials; otherwise medium',
  meaning: 'The user has a console password and no MFA device, so the password alone is enough to sign in.',
  why: 'Passwords are guessed, reused and phished. Without MFA, an attacker who has the password can sign in.',
  remedy:
    'Register an MFA device for the user, or delete the password if the user does not need to sign in. If possible, let people sign in through IAM Identity Center instead.',
  find: (record, context) => {
    const { credentials } = record;
    if (record.type !== 'user' || credentials === null) return [];
    if (credentials.mfaActive || !hasPassword(credentials)) return [];
    const level = privilegeLevelOf(record);
    const { passwordLastUsed } = credentials;
    return [
      {
        key: '',
        severity: isPrivileged(level) ? 'high' : 'medium',
        title: `User ${record.name} has a console password and no MFA`,
        detail: [
          passwordLastUsed === null
            ? 'The password was never used.'
            : `The password was last used on ${dayAndAge(passwordLastUsed, context.now)}.`,
          describePrivilegeLevel(level, 'The user'),
        ].join(' '),
        evidence: { passwordLastUsed, ...privilegeLevelEvidence(level) },
      },
    ];
  },
};

/**
 * Records of earlier versions lack `passwordEnabled`. The credential report shows a last use only while a password
 * exists.
 */
const hasPassword = ({ passwordEnabled, passwordLastUsed }: Credentials): boolean =>
  passwordEnabled ?? passwordLastUsed !== null;
