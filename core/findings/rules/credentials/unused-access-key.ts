import { isUnusedKey, keyName, keysOf } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  privilegeLevelEvidence,
  privilegeLevelOf,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const unusedAccessKey: PrincipalRule = {
  id: 'unused-access-key',
  subject: 'principal',
  controls: ['CIS 3.0 1.12', 'FSBP IAM.8'],
  severity:
    'high if its user is an administrator, or can change permissions or obtain credentials; otherwise medium. Keys of unused users are also reported: an active key lets an attacker use them',
  meaning:
    'The access key is active, but was not used within the `unusedAfterDays` setting. A key that was never used is reported when it is older than the `graceDays` setting.',
  why: 'An access key works from anywhere, usually without MFA, until it is deactivated. An unused key only helps an attacker who finds it.',
  remedy: 'Deactivate the key. Delete it after some weeks if nothing has failed.',
  find: (record, context) =>
    keysOf(record)
      .filter((key) => isUnusedKey(key, context))
      .map((key) => {
        const level = privilegeLevelOf(record);
        return {
          key: key.id,
          severity: isPrivileged(level) ? 'high' : 'medium',
          title: `${keyName(key)} of user ${record.name} is active but unused`,
          detail: [
            key.lastUsed === null
              ? 'It was never used.'
              : `It was last used on ${dayAndAge(key.lastUsed, context.now)}.`,
            ...(key.lastRotated === null
              ? []
              : [`It was created or last changed on ${dayAndAge(key.lastRotated, context.now)}.`]),
            describePrivilegeLevel(level, 'Its user'),
          ].join(' '),
          evidence: {
            place: key.place,
            lastUsed: key.lastUsed,
            lastRotated: key.lastRotated,
            ...privilegeLevelEvidence(level),
          },
        };
      }),
};
