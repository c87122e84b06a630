import { isUnusedKey, keysOf, nameOf } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import { describeReach, isSensitive, reachEvidence, reachOf } from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const unusedAccessKey: PrincipalRule = {
  id: 'unused-access-key',
  subject: 'principal',
  severity:
    'high where its user is an administrator or can extend its rights or get at credentials; otherwise medium. Reported of unused users too: it is what makes them dangerous',
  meaning:
    'The access key is active, and was not used within the days after which something counts as unused; or never, and is older than the days of grace.',
  why: 'A key works from anywhere, without MFA, until somebody deactivates it. An unused one serves only whoever finds it.',
  remedy: 'Deactivate the key, and delete it if nobody complains within some weeks.',
  find: (record, context) =>
    keysOf(record)
      .filter((key) => isUnusedKey(key, context))
      .map((key) => {
        const reach = reachOf(record);
        return {
          key: key.id,
          severity: isSensitive(reach) ? 'high' : 'medium',
          title: `${nameOf(key)} of user ${record.name} is active and unused`,
          detail: [
            key.lastUsed === null
              ? 'It was never used.'
              : `It was last used on ${dayAndAge(key.lastUsed, context.now)}.`,
            ...(key.lastRotated === null ? [] : [`It was made on ${dayAndAge(key.lastRotated, context.now)}.`]),
            describeReach(reach, 'Its user'),
          ].join(' '),
          evidence: {
            place: key.place,
            lastUsed: key.lastUsed,
            lastRotated: key.lastRotated,
            ...reachEvidence(reach),
          },
        };
      }),
};
