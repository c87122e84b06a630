import type { PasswordPolicy } from '../../../contract/evidence.ts';
import { countedInWords, listed } from '../../../wording/wording.ts';
import type { RootRule } from '../../rule.ts';

/** CIS AWS Foundations Benchmark 3.0, 1.8 and 1.9. */
const MINIMUM_LENGTH = 14;
const REUSE_PREVENTION = 24;

export const weakPasswordPolicy: RootRule = {
  id: 'weak-password-policy',
  subject: 'root',
  controls: ['CIS 3.0 1.8', 'CIS 3.0 1.9', 'FSBP IAM.7'],
  severity: 'medium if the account has no password policy, or allows passwords that are too short; otherwise low',
  meaning: `Users of the account have console passwords. The account has no password policy, or its policy allows passwords of less than ${MINIMUM_LENGTH} characters, allows one of the last ${REUSE_PREVENTION} passwords again, or does not require lower-case and upper-case letters, numbers and symbols. An account without passwords is not reported, nor one whose policy could not be read.`,
  why: 'Short and reused passwords are guessed, or are known from other services. Without a policy, IAM accepts eight characters.',
  remedy: `Set a password policy with at least ${MINIMUM_LENGTH} characters and ${REUSE_PREVENTION} remembered passwords: aws iam update-account-password-policy. If possible, let people sign in through IAM Identity Center instead, and delete the passwords.`,
  find: ({ passwordPolicy: policy, usersWithPassword }) => {
    if (policy === null || usersWithPassword === null || usersWithPassword === 0) return [];
    const weaknesses = weaknessesOf(policy);
    if (weaknesses.length === 0) return [];
    return [
      {
        key: '',
        severity: !policy.exists || policy.minimumLength < MINIMUM_LENGTH ? 'medium' : 'low',
        title: policy.exists ? 'The account’s password policy is weak' : 'The account has no password policy',
        detail: `${policy.exists ? 'It' : 'IAM’s default policy applies. It'} ${listed(weaknesses)}. The account has ${countedInWords(usersWithPassword, 'user')} with a password.`,
        evidence: { policy, usersWithPassword },
      },
    ];
  },
};

function weaknessesOf(policy: PasswordPolicy): string[] {
  const missing = [
    ...(policy.requiresLowercase ? [] : ['lower-case letters']),
    ...(policy.requiresUppercase ? [] : ['upper-case letters']),
    ...(policy.requiresNumbers ? [] : ['numbers']),
    ...(policy.requiresSymbols ? [] : ['symbols']),
  ];
  const remembers = `remembers only ${countedInWords(policy.reusePrevention, 'password')}`;
  return [
    ...(policy.minimumLength < MINIMUM_LENGTH ? [`allows passwords of ${policy.minimumLength} characters`] : []),
    ...(policy.reusePrevention === 0 ? ['allows earlier passwords again'] : []),
    ...(policy.reusePrevention > 0 && policy.reusePrevention < REUSE_PREVENTION ? [remembers] : []),
    ...(missing.length > 0 ? [`does not require ${listed(missing)}`] : []),
  ];
}
