import { canBeRemoved } from '../../../inventory/managed-by.ts';
import type { Severity } from '../../../contract/finding.ts';
import { dayAndAge, describeIdleness, idlenessOf } from '../../use/idleness.ts';
import { isExternallyAssumable } from '../../../trust/external-access.ts';
import { describeReach, isSensitive, reachEvidence, reachOf, type Reach } from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';

export const unusedRole: PrincipalRule = {
  id: 'unused-role',
  subject: 'principal',
  severity:
    'high where it is an administrator or can extend its rights or get at credentials; medium where outsiders may assume it, or not all that it can do is known; otherwise low',
  meaning:
    'Nothing has used the role within the days after which something counts as unused, or ever, as far as AWS tells. Only services that its own policies allow are looked at.',
  why: 'Nobody misses what an unused role can do, but whoever gets hold of it has it, and nobody will notice.',
  remedy:
    'Ask its owner. Then deny everything with an inline policy for some weeks, and delete the role if nobody complains.',
  find: (record, context) => {
    if (record.type !== 'role' || !canBeRemoved(record, context.graceDays, context.now)) return [];
    const idleness = idlenessOf(record, context);
    if (idleness.kind !== 'idle') return [];
    const reach = reachOf(record);
    const outsiders = isExternallyAssumable(record, context.organizationId);
    const made = `It was made on ${dayAndAge(record.createdAt, context.now)}.`;
    return [
      {
        key: '',
        severity: severityOf(reach, outsiders),
        title: `Role ${record.name} is unused`,
        detail: [
          describeIdleness(idleness, context.now),
          made,
          describeReach(reach),
          ...(outsiders ? ['Somebody outside the organization may assume it.'] : []),
        ].join(' '),
        evidence: {
          lastActivity: idleness.since,
          createdAt: record.createdAt,
          lastAccessedAsOf: record.lastAccessed.asOf,
          outsidersMayAssume: outsiders,
          ...reachEvidence(reach),
        },
      },
    ];
  },
};

function severityOf(reach: Reach, outsiders: boolean): Severity {
  if (isSensitive(reach)) return 'high';
  return outsiders || reach.kind === 'unknown' ? 'medium' : 'low';
}
