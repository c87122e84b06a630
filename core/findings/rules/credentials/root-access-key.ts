import { activeKeys, nameOf } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import type { RootRule } from '../../rule.ts';

export const rootAccessKey: RootRule = {
  id: 'root-access-key',
  subject: 'root',
  severity: 'critical',
  meaning: 'The account’s root user has an active access key.',
  why: 'Root’s key can do everything, no policy of the account can limit it, and it needs no MFA.',
  remedy:
    'Let whatever uses it use a role, then deactivate and delete the key. In an organization, remove root’s credentials of member accounts altogether (centralised root access).',
  find: ({ root, credentialReportAt }, { now }) =>
    (root === null ? [] : activeKeys(root)).map((key) => ({
      key: key.id,
      severity: 'critical',
      title: `${nameOf(key)} of the root user is active`,
      detail: [
        ...(key.lastRotated === null ? [] : [`It was made on ${dayAndAge(key.lastRotated, now)}.`]),
        key.lastUsed === null ? 'It was never used.' : `It was last used on ${dayAndAge(key.lastUsed, now)}.`,
      ].join(' '),
      evidence: { place: key.place, lastRotated: key.lastRotated, lastUsed: key.lastUsed, credentialReportAt },
    })),
};
