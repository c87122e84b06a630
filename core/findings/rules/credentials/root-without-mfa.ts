import { dayAndAge } from '../../use/idleness.ts';
import type { RootRule } from '../../rule.ts';

export const rootWithoutMfa: RootRule = {
  id: 'root-without-mfa',
  subject: 'root',
  controls: ['CIS 3.0 1.5', 'FSBP IAM.6'],
  severity: 'critical',
  meaning:
    'The root user of the account has no MFA device. A root user that is known to have no password is not reported (an organization can remove root passwords).',
  why: 'An attacker who guesses the root password, or can read the root user’s email, controls the account. No IAM policy of the account can prevent it.',
  remedy:
    'Register an MFA device for the root user; two hardware devices are best. In an organization, remove the root credentials of member accounts (centralized root access).',
  find: ({ root, credentialReportAt }, { now }) => {
    if (root === null || root.mfaActive || root.passwordEnabled === false) return [];
    const { passwordEnabled, passwordLastUsed } = root;
    return [
      {
        key: '',
        severity: 'critical',
        title: 'Root user has no MFA',
        detail: [
          passwordLastUsed === null
            ? 'AWS has no record that its password was used.'
            : `Its password was last used on ${dayAndAge(passwordLastUsed, now)}.`,
          // The credential report then says `not_supported`, whether or not root has a password.
          ...(passwordEnabled === null
            ? [
                'The credential report does not say whether the root user has a password. If an organization removed it, GetAccountSummary returns AccountPasswordPresent 0, and no action is needed.',
              ]
            : []),
        ].join(' '),
        evidence: { passwordEnabled, passwordLastUsed, credentialReportAt },
      },
    ];
  },
};
