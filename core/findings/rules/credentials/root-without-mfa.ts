import { dayAndAge } from '../../use/idleness.ts';
import type { RootRule } from '../../rule.ts';

export const rootWithoutMfa: RootRule = {
  id: 'root-without-mfa',
  subject: 'root',
  severity: 'critical',
  meaning:
    'The account’s root user has no MFA device. Nothing is said of a root user that is known to have no password, as where an organization has removed it.',
  why: 'Whoever can read root’s mail or guess its password has the whole account, and no policy of the account can stop them.',
  remedy:
    'Register an MFA device for root, better two, and of hardware. In an organization, remove root’s credentials of member accounts altogether (centralised root access).',
  find: ({ root, credentialReportAt }, { now }) => {
    if (root === null || root.mfaActive || root.passwordEnabled === false) return [];
    const { passwordEnabled, passwordLastUsed } = root;
    return [
      {
        key: '',
        severity: 'critical',
        title: 'The root user has no MFA',
        detail: [
          passwordLastUsed === null
            ? 'Its password was never used, as far as AWS remembers.'
            : `Its password was last used on ${dayAndAge(passwordLastUsed, now)}.`,
          // Then the credential report says `not_supported`, whether root has one or not.
          ...(passwordEnabled === null
            ? [
                'AWS’s report does not say whether root has a password; if an organization has removed it, GetAccountSummary says AccountPasswordPresent 0, and nothing is wrong.',
              ]
            : []),
        ].join(' '),
        evidence: { passwordEnabled, passwordLastUsed, credentialReportAt },
      },
    ];
  },
};
