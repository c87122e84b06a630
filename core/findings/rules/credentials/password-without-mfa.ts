import type { Credentials } from '../../../contract/evidence.ts';
import { dayAndAge } from '../../use/idleness.ts';
import { describeReach, isSensitive, reachEvidence, reachOf } from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const passwordWithoutMfa: PrincipalRule = {
  id: 'password-without-mfa',
  subject: 'principal',
  severity: 'high where the user is an administrator or can extend its rights or get at credentials; otherwise medium',
  meaning: 'The user can sign in to the console with a password alone: it has no MFA device.',
  why: 'Passwords are guessed, reused and phished. Without a second factor that is enough.',
  remedy:
    'Register an MFA device for the user, or delete its password where it does not sign in. Better, let people come in by IAM Identity Center.',
  find: (record, context) => {
    const { credentials } = record;
    if (record.type !== 'user' || credentials === null) return [];
    if (credentials.mfaActive || !hasPassword(credentials)) return [];
    const reach = reachOf(record);
    const { passwordLastUsed } = credentials;
    return [
      {
        key: '',
        severity: isSensitive(reach) ? 'high' : 'medium',
        title: `User ${record.name} has a password and no MFA`,
        detail: [
          passwordLastUsed === null
            ? 'The password was never used.'
            : `The password was last used on ${dayAndAge(passwordLastUsed, context.now)}.`,
          describeReach(reach, 'The user'),
        ].join(' '),
        evidence: { passwordLastUsed, ...reachEvidence(reach) },
      },
    ];
  },
};

/** Records of earlier versions don't say; the report knows the last use of a password only while there is one. */
const hasPassword = ({ passwordEnabled, passwordLastUsed }: Credentials): boolean =>
  passwordEnabled ?? passwordLastUsed !== null;
