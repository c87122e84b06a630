import { canBeRemoved } from '../../../inventory/managed-by.ts';
import type { Severity } from '../../../contract/finding.ts';
import { dayAndAge, describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { isExternallyAssumable } from '../../../trust/external-access.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  privilegeLevelEvidence,
  privilegeLevelOf,
  type PrivilegeLevel,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const unusedRole: PrincipalRule = {
  id: 'unused-role',
  subject: 'principal',
  controls: [],
  severity:
    'high if the role is an administrator, or can change permissions or obtain credentials; medium if a principal outside the organization may assume it, or some of its permissions could not be read; otherwise low',
  meaning:
    'AWS reports no use of the role, or none within the `unusedAfterDays` setting. Besides the role’s last use, AWS reports the use of services that the role’s own policies allow.',
  why: 'An unused role can still be assumed. Its permissions help only an attacker, and the misuse is hard to notice.',
  remedy:
    'Ask the owner. Then deny all actions with an inline policy for some weeks, and delete the role if nothing has failed.',
  find: (record, context) => {
    if (record.type !== 'role' || !canBeRemoved(record, context.graceDays, context.now)) return [];
    const idleness = idlenessOf(record, context);
    if (idleness.kind !== 'idle') return [];
    const level = privilegeLevelOf(record);
    const allowsOutsiders = isExternallyAssumable(record, context.organizationId);
    const created = `It was created on ${dayAndAge(record.createdAt, context.now)}.`;
    return [
      {
        key: '',
        severity: severityOf(level, allowsOutsiders),
        title: `Role ${record.name} is unused`,
        detail: [
          describeIdleness(idleness, context.now),
          created,
          describePrivilegeLevel(level),
          ...(allowsOutsiders ? ['A principal outside the organization may assume it.'] : []),
        ].join(' '),
        evidence: {
          lastActivity: idleness.since,
          createdAt: record.createdAt,
          lastAccessedAsOf: record.lastAccessed.asOf,
          outsidersMayAssume: allowsOutsiders,
          ...privilegeLevelEvidence(level),
        },
      },
    ];
  },
};

function severityOf(level: PrivilegeLevel, allowsOutsiders: boolean): Severity {
  if (isPrivileged(level)) return 'high';
  return allowsOutsiders || level.kind === 'unknown' ? 'medium' : 'low';
}
