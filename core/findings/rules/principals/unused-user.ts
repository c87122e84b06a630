import type { Credentials } from '../../../contract/evidence.ts';
import type { Severity } from '../../../contract/finding.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { dayAndAge, describeIdleness, idlenessOf } from '../../use/idleness.ts';
import {
  describeReach,
  isSensitive,
  lowered,
  reachEvidence,
  reachOf,
  type Reach,
} from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const unusedUser: PrincipalRule = {
  id: 'unused-user',
  subject: 'principal',
  severity:
    'high where it is an administrator or can extend its rights or get at credentials; otherwise medium; one lower where it has neither a password nor an active key',
  meaning:
    'The user has not used its password, its access keys or any service within the days after which something counts as unused, or ever, as far as AWS tells.',
  why: 'Nobody watches the password and the keys of somebody who has left, and they work for whoever finds them.',
  remedy: 'Deactivate its keys and delete its password; delete the user if nobody complains.',
  find: (record, context) => {
    const { credentials } = record;
    if (record.type !== 'user' || credentials === null) return [];
    if (!canBeRemoved(record, context.graceDays, context.now)) return [];
    const idleness = idlenessOf(record, context);
    if (idleness.kind !== 'idle') return [];
    const reach = reachOf(record);
    const waysIn = waysInOf(credentials);
    return [
      {
        key: '',
        severity: severityOf(reach, waysIn),
        title: `User ${record.name} is unused`,
        detail: [
          describeIdleness(idleness, context.now),
          `It was made on ${dayAndAge(record.createdAt, context.now)}.`,
          waysIn.length === 0 ? 'It has neither a password nor an active key.' : `It has ${waysIn.join(' and ')}.`,
          describeReach(reach),
        ].join(' '),
        evidence: {
          lastActivity: idleness.since,
          createdAt: record.createdAt,
          lastAccessedAsOf: record.lastAccessed.asOf,
          passwordEnabled: credentials.passwordEnabled,
          activeKeys: credentials.accessKeys.filter(({ active }) => active).length,
          ...reachEvidence(reach),
        },
      },
    ];
  },
};

/** By what it could still be used. */
function waysInOf({ passwordEnabled, accessKeys }: Credentials): string[] {
  const active = accessKeys.filter(({ active }) => active).length;
  return [
    ...(passwordEnabled === true ? ['a password'] : []),
    ...(passwordEnabled === null ? ['perhaps a password'] : []),
    ...(active > 0 ? [active === 1 ? 'an active key' : `${active} active keys`] : []),
  ];
}

function severityOf(reach: Reach, waysIn: readonly string[]): Severity {
  const severity = isSensitive(reach) ? 'high' : 'medium';
  return waysIn.length === 0 ? lowered(severity) : severity;
}
