import { isUnusedKey, keysOf } from './access-keys.ts';
import { dayAndAge } from '../../use/idleness.ts';
import { isPrivileged, privilegeLevelEvidence, privilegeLevelOf } from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

/** A rotation needs two active keys for some days. */
const ROTATION_DAYS = 7;

export const twoActiveAccessKeys: PrincipalRule = {
  id: 'two-active-access-keys',
  subject: 'principal',
  controls: ['CIS 3.0 1.13'],
  severity: 'medium if the user is an administrator, or can change permissions or obtain credentials; otherwise low',
  meaning: `The user has two active access keys, and both are older than ${ROTATION_DAYS} days. A rotation needs two keys for a few days only.`,
  why: 'Each key works from anywhere. The second key shows that a rotation was not finished, or that several programs share the user.',
  remedy:
    'Move every program to the newer key, then deactivate and delete the older one. If possible, give each program a role of its own.',
  find: (record, context) => {
    const keys = keysOf(record);
    const isRotating = keys.some(
      ({ lastRotated }) => lastRotated !== null && !isOlder(lastRotated, ROTATION_DAYS, context.now),
    );
    if (keys.length < 2 || isRotating) return [];
    const level = privilegeLevelOf(record);
    const unused = keys.filter((key) => isUnusedKey(key, context));
    return [
      {
        key: '',
        severity: isPrivileged(level) ? 'medium' : 'low',
        title: `User ${record.name} has two active access keys`,
        detail: [
          ...keys.map(({ place, lastUsed }) =>
            lastUsed === null
              ? `Access key ${place} was never used.`
              : `Access key ${place} was last used on ${dayAndAge(lastUsed, context.now)}.`,
          ),
          ...(unused.length > 0 ? ['Deactivate the unused key first.'] : []),
        ].join(' '),
        evidence: {
          keys: keys.map(({ place, lastUsed, lastRotated }) => ({ place, lastUsed, lastRotated })),
          ...privilegeLevelEvidence(level),
        },
      },
    ];
  },
};
