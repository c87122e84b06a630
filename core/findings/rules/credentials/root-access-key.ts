import { activeKeys, keyName } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import type { RootRule } from '../../rule.ts';

export const rootAccessKey: RootRule = {
  id: 'root-access-key',
  subject: 'root',
  controls: ['CIS 3.0 1.4', 'FSBP IAM.4'],
  severity: 'critical',
  meaning: 'The root user of the account has an active access key.',
  why: 'The key allows every action, works without MFA, and no IAM policy of the account can limit it.',
  remedy:
    'Give the programs that use the key a role instead. Then deactivate and delete the key. In an organization, remove the root credentials of member accounts (centralized root access).',
  find: ({ root, credentialReportAt }, { now }) =>
    (root === null ? [] : activeKeys(root)).map((key) => ({
      key: key.id,
      severity: 'critical',
      title: `${keyName(key)} of the root user is active`,
      detail: [
        ...(key.lastRotated === null ? [] : [`It was created or last changed on ${dayAndAge(key.lastRotated, now)}.`]),
        key.lastUsed === null ? 'It was never used.' : `It was last used on ${dayAndAge(key.lastUsed, now)}.`,
      ].join(' '),
      evidence: { place: key.place, lastRotated: key.lastRotated, lastUsed: key.lastUsed, credentialReportAt },
    })),
};
