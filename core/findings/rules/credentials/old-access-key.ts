import { isUnusedKey, keyName, keysOf } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import { isPrivileged, privilegeLevelEvidence, privilegeLevelOf } from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { daysSince, isOlder } from '../../use/usage.ts';

/** CIS AWS Foundations Benchmark, "Ensure access keys are rotated every 90 days or less". */
const ROTATE_AFTER_DAYS = 90;

export const oldAccessKey: PrincipalRule = {
  id: 'old-access-key',
  subject: 'principal',
  controls: ['CIS 3.0 1.14', 'FSBP IAM.3'],
  severity:
    'medium if the key is used and its user is an administrator, or can change permissions or obtain credentials; otherwise low',
  meaning: `The access key is active and has not been rotated for ${ROTATE_AFTER_DAYS} days, the limit of the CIS AWS Foundations Benchmark.`,
  why: 'Over time a key is copied to more places, and people who know it leave.',
  remedy:
    'Use a role instead if possible. Otherwise create a second key, move every program to it, then deactivate and delete the first key.',
  find: (record, context) =>
    keysOf(record).flatMap((key) => {
      const { lastRotated, lastUsed } = key;
      if (lastRotated === null || !isOlder(lastRotated, ROTATE_AFTER_DAYS, context.now)) return [];
      const isUnused = isUnusedKey(key, context);
      const level = privilegeLevelOf(record);
      return [
        {
          key: key.id,
          severity: isPrivileged(level) && !isUnused ? 'medium' : 'low',
          title: `${keyName(key)} of user ${record.name} has not been rotated for ${daysSince(lastRotated, context.now)} days`,
          detail: [
            `It was created or last changed on ${dayAndAge(lastRotated, context.now)}. The limit is ${ROTATE_AFTER_DAYS} days.`,
            lastUsed === null ? 'It was never used.' : `It was last used on ${dayAndAge(lastUsed, context.now)}.`,
            ...(isUnused ? ['It is unused: deactivate it instead of rotating it.'] : []),
          ].join(' '),
          evidence: { place: key.place, lastRotated, lastUsed, ...privilegeLevelEvidence(level) },
        },
      ];
    }),
};
