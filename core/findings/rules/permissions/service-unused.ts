import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { isAdministrator } from '../../abilities/abilities.ts';
import { idlenessOf } from '../../use/idleness.ts';
import type { PrincipalRule } from '../../rule.ts';
import { sensitivePermissionsOf } from '../../abilities/sensitive-actions.ts';
import { isUnused, serviceUseOf } from '../../use/usage.ts';
import { counted, listedBriefly, nameOf } from '../../../wording/wording.ts';

export const serviceUnused: PrincipalRule = {
  id: 'service-unused',
  subject: 'principal',
  severity: 'medium where it can do something sensitive in one of the services; otherwise low',
  meaning:
    'The principal’s policies grant services that it never used, or not in the days after which something counts as unused. One that does nothing at all is unused-role’s or unused-user’s matter.',
  why: 'Each service that is granted and not needed is one more that can be misused.',
  remedy:
    'Remove the services from the principal’s policies, the sensitive ones first. The run’s recommendations/ holds a narrower policy for it.',
  find: (record, context) => {
    const { now, graceDays, unusedAfterDays } = context;
    if (record.lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, graceDays, now)) return [];
    // One that does nothing at all is unused as a whole; one that is active by other ways than its services is not.
    if (isAdministrator(record) || idlenessOf(record, context).kind === 'idle') return [];
    const granted = record.lastAccessed.services;
    const unused = granted
      .map(({ namespace }) => ({ namespace, use: serviceUseOf(record, namespace) }))
      .filter(({ use }) => isUnused(use, unusedAfterDays, now));
    if (unused.length === 0) return [];
    const able = new Set(sensitivePermissionsOf(record).map(({ action }) => action.split(':')[0] ?? ''));
    const isSensitive = (namespace: string): boolean => able.has(namespace);
    const names = unused.map(({ namespace }) => namespace).sort();
    const sensitive = names.filter(isSensitive);
    const inOrder = [...sensitive, ...names.filter((name) => !isSensitive(name))];
    const but = sensitive.length === 0 ? '' : ` In ${listedBriefly(sensitive, 5)} it can do something sensitive.`;
    return [
      {
        key: '',
        severity: sensitive.length > 0 ? 'medium' : 'low',
        title: `${nameOf(record)} does not use ${counted(unused.length, 'service')} of ${granted.length} granted`,
        detail: `Not used in ${unusedAfterDays} days or never: ${listedBriefly(inOrder, 8)}.${but}`,
        evidence: {
          granted: granted.length,
          never: unused.flatMap(({ namespace, use }) => (use.kind === 'never' ? [namespace] : [])).sort(),
          notLately: unused.flatMap(({ namespace, use }) =>
            use.kind === 'at' ? [{ namespace, lastUsed: use.time }] : [],
          ),
          sensitive,
          unusedAfterDays,
          lastAccessedAsOf: record.lastAccessed.asOf,
        },
      },
    ];
  },
};
