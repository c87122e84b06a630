import { isCertainAdministrator } from '../../../access/conditional-administrator.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { worksAlone } from '../../../catalogue/catalogue.ts';
import { idlenessOf } from '../../use/idleness.ts';
import type { PrincipalRule } from '../../rule.ts';
import { sensitivePermissionsOf } from '../../../access/abilities/sensitive-actions.ts';
import { grantsOnlyUntracked } from '../../use/granted-actions.ts';
import { isUnused, serviceUseOf } from '../../use/usage.ts';
import { listedBriefly, nameOf } from '../../../wording/wording.ts';

export const serviceUnused: PrincipalRule = {
  id: 'service-unused',
  subject: 'principal',
  controls: [],
  severity: 'medium if a sensitive action of one of the services is allowed; otherwise low',
  meaning:
    'The principal’s policies grant services that it never used, or not within the `unusedAfterDays` setting. A service is not named if AWS reports no use of any action that is granted in it, such as iam:PassRole. A principal without any activity is reported by unused-role or unused-user instead.',
  why: 'An attacker who gets the principal’s credentials can misuse each service that it does not need.',
  remedy:
    'Remove the services from the principal’s policies, those with sensitive actions first. The recommendations/ folder of an audit contains a narrower policy for it; a scan writes none.',
  find: (record, context) => {
    const { now, graceDays, unusedAfterDays } = context;
    if (record.lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, graceDays, now)) return [];
    // unused-role or unused-user reports a principal without any activity. Other activity than its services counts too.
    if (isCertainAdministrator(record, context.access.account) || idlenessOf(record, context).kind === 'idle')
      return [];
    const granted = record.lastAccessed.services;
    const unused = granted
      .map(({ namespace }) => ({ namespace, use: serviceUseOf(record, namespace) }))
      .filter(
        ({ namespace, use }) =>
          isUnused(use, unusedAfterDays, now) && !grantsOnlyUntracked(record, namespace, context.access),
      );
    if (unused.length === 0) return [];
    const withSensitiveActions = new Set(
      sensitivePermissionsOf(record)
        .filter(({ action }) => worksAlone(action))
        .map(({ action }) => action.split(':')[0] ?? ''),
    );
    const isSensitive = (namespace: string): boolean => withSensitiveActions.has(namespace);
    const names = unused.map(({ namespace }) => namespace).sort();
    const sensitive = names.filter(isSensitive);
    const inOrder = [...sensitive, ...names.filter((name) => !isSensitive(name))];
    const allowsSensitive =
      sensitive.length === 0 ? '' : ` Sensitive actions are allowed in ${listedBriefly(sensitive, 5)}.`;
    return [
      {
        key: '',
        severity: sensitive.length > 0 ? 'medium' : 'low',
        title: `${nameOf(record)} does not use ${unused.length} of ${granted.length} granted ${granted.length === 1 ? 'service' : 'services'}`,
        detail: `Not used in the last ${unusedAfterDays} days, or never: ${listedBriefly(inOrder, 8)}.${allowsSensitive}`,
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
