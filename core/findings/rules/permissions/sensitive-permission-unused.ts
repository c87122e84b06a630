import { isCertainAdministrator } from '../../../access/conditional-administrator.ts';
import type { Use } from '../../../contract/answers/permission.ts';
import { severities, type Severity } from '../../../contract/finding.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { sensitiveActionOf, worksAlone } from '../../../catalogue/catalogue.ts';
import { groundsInWords, groundsOfActions } from '../../grounds.ts';
import type { PrincipalRule } from '../../rule.ts';
import { sensitivePermissionsOf, type SensitivePermission } from '../../../access/abilities/sensitive-actions.ts';
import { isUnused, useEvidence, useOf } from '../../use/usage.ts';
import { countedInWords, listedBriefly, nameOf } from '../../../wording/wording.ts';

export const sensitivePermissionUnused: PrincipalRule = {
  id: 'sensitive-permission-unused',
  subject: 'principal',
  controls: [],
  severity:
    'high if an action that changes permissions was never used; medium if such an action was used, but not recently, or if an action that returns credentials was never used; otherwise low. One level lower for actions that are allowed only under conditions. Low for credentials that give nothing in AWS alone',
  meaning:
    'The principal is allowed actions that change permissions or return credentials. It never used them in AWS’s tracking period, or not within the `unusedAfterDays` setting. Actions that let a user manage its own credentials are not reported.',
  why: 'An attacker with the principal’s credentials uses these actions to gain access. Unused permissions can be removed without effect on normal work.',
  remedy:
    'Remove the actions from the principal’s policies. Actions that AWS does not record, such as iam:PassRole, are not listed: review them by hand.',
  find: (record, { now, graceDays, unusedAfterDays, access }) => {
    if (!canBeRemoved(record, graceDays, now) || isCertainAdministrator(record, access.account)) return [];
    const unused = sensitivePermissionsOf(record)
      .filter(isWorthRemoving)
      .map((permission) => ({ ...permission, use: useOf(record, permission.action) }))
      .filter(({ use }) => isUnused(use, unusedAfterDays, now))
      .sort((a, b) => weight(a) - weight(b));
    const [worst] = unused;
    if (worst === undefined) return [];
    const never = unused.filter(({ use }) => use.kind === 'never').length;
    const names = unused.map(({ action }) => action);
    const grounds = groundsOfActions(access, record.arn, names);
    const unusedFor = never === unused.length ? 'never used' : `has not used for ${unusedAfterDays} days`;
    return [
      {
        key: '',
        severity: severityAt(weight(worst)),
        title: `${nameOf(record)} has ${countedInWords(unused.length, 'sensitive permission')} that it ${unusedFor}`,
        detail: [
          `Unused actions: ${listedBriefly(names, 5)}.`,
          ...(never > 0 && never < unused.length ? [`It never used ${never} of them in AWS’s tracking period.`] : []),
          ...groundsInWords(grounds),
        ].join(' '),
        evidence: {
          actions: unused.map(({ action, category, isConditional, use }) => ({
            action,
            category,
            conditional: isConditional,
            ...useEvidence(use),
          })),
          grounds,
          never,
          unusedAfterDays,
          lastAccessedAsOf: record.lastAccessed.asOf,
          permissionsAsOf: record.permissions.asOf,
        },
      },
    ];
  },
};

/** Index into the severities, most severe first. */
function weight({ action, category, use, isConditional }: SensitivePermission & { readonly use: Use }): number {
  const worst = category === 'privilegeEscalation' ? 1 : worksAlone(action) ? 2 : 3;
  return worst + (use.kind === 'never' ? 0 : 1) + (isConditional ? 1 : 0);
}

/**
 * Actions that return nothing, or nothing more than the caller has, without something else are often part of a wildcard
 * such as `s3:Get*`.
 */
function isWorthRemoving({ action, category }: SensitivePermission): boolean {
  const sensitive = sensitiveActionOf(action);
  return category === 'privilegeEscalation' || worksAlone(action) || sensitive?.extent === 'application';
}

const severityAt = (index: number): Severity => severities[Math.min(index, severities.length - 1)] ?? 'low';
