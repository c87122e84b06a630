import { isUnusedKey, keysOf, nameOf } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import { isSensitive, reachEvidence, reachOf } from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

/** CIS AWS Foundations Benchmark, "Ensure access keys are rotated every 90 days or less". */
const ROTATE_AFTER_DAYS = 90;

export const oldAccessKey: PrincipalRule = {
  id: 'old-access-key',
  subject: 'principal',
  severity:
    'medium where it is used and its user is an administrator or can extend its rights or get at credentials; otherwise low',
  meaning: `The access key is active and was not rotated for ${ROTATE_AFTER_DAYS} days, the limit of the CIS AWS Foundations Benchmark.`,
  why: 'The older a key is, the more places it has been copied to, and the more people have left who know it.',
  remedy:
    'Use a role instead where you can. Otherwise make a second key, move what uses the first, and deactivate and delete the first.',
  find: (record, context) =>
    keysOf(record).flatMap((key) => {
      const { lastRotated, lastUsed } = key;
      if (lastRotated === null || !isOlder(lastRotated, ROTATE_AFTER_DAYS, context.now)) return [];
      const isUnused = isUnusedKey(key, context);
      const reach = reachOf(record);
      return [
        {
          key: key.id,
          severity: isSensitive(reach) && !isUnused ? 'medium' : 'low',
          title: `${nameOf(key)} of user ${record.name} is overdue for rotation`,
          detail: [
            `It was made or last changed on ${dayAndAge(lastRotated, context.now)}; the limit is ${ROTATE_AFTER_DAYS} days.`,
            lastUsed === null ? 'It was never used.' : `It was last used on ${dayAndAge(lastUsed, context.now)}.`,
            ...(isUnused ? ['Deactivate it rather than rotate it.'] : []),
          ].join(' '),
          evidence: { place: key.place, lastRotated, lastUsed, ...reachEvidence(reach) },
        },
      ];
    }),
};
