import { severities, type Severity } from '../../../contract/finding.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { isAdministrator } from '../../abilities/abilities.ts';
import type { PrincipalRule } from '../../rule.ts';
import { sensitivePermissionsOf, type SensitivePermission } from '../../abilities/sensitive-actions.ts';
import { isUnused, useEvidence, useOf, type Use } from '../../use/usage.ts';
import { counted, listedBriefly, nameOf } from '../../../wording/wording.ts';

export const sensitivePermissionUnused: PrincipalRule = {
  id: 'sensitive-permission-unused',
  subject: 'principal',
  severity:
    'high where an action that changes rights was never used; medium where it was, but not lately, or where an action that hands out credentials was never used; otherwise low. One lower for what is allowed under conditions only',
  meaning:
    'The principal can do actions that change what somebody may do or that hand out credentials, and never used them as far back as AWS tells, or not in the days after which something counts as unused. A user’s care of its own credentials is none of them.',
  why: 'These are what somebody who gets hold of the principal looks for. What nobody uses can go without harm.',
  remedy:
    'Remove the actions from the principal’s policies. What AWS does not record, such as iam:PassRole, is not listed: look at it by hand.',
  find: (record, { now, graceDays, unusedAfterDays }) => {
    if (!canBeRemoved(record, graceDays, now) || isAdministrator(record)) return [];
    const unused = sensitivePermissionsOf(record)
      .map((permission) => ({ ...permission, use: useOf(record, permission.action) }))
      .filter(({ use }) => isUnused(use, unusedAfterDays, now))
      .sort((a, b) => weight(a) - weight(b));
    const [worst] = unused;
    if (worst === undefined) return [];
    const never = unused.filter(({ use }) => use.kind === 'never').length;
    const since = never === unused.length ? 'never used' : `has not used for ${unusedAfterDays} days`;
    return [
      {
        key: '',
        severity: severityAt(weight(worst)),
        title: `${nameOf(record)} ${since} ${counted(unused.length, 'sensitive permission')}`,
        detail: `It can do ${listedBriefly(
          unused.map(({ action }) => action),
          5,
        )}.${never > 0 && never < unused.length ? ` As far back as AWS tells it never used ${never} of them.` : ''}`,
        evidence: {
          actions: unused.map(({ action, category, isConditional, use }) => ({
            action,
            category,
            conditional: isConditional,
            ...useEvidence(use),
          })),
          never,
          unusedAfterDays,
          lastAccessedAsOf: record.lastAccessed.asOf,
          permissionsAsOf: record.permissions.asOf,
        },
      },
    ];
  },
};

/** Places down the severities. */
const weight = ({ category, use, isConditional }: SensitivePermission & { readonly use: Use }): number =>
  (category === 'privilegeEscalation' ? 1 : 2) + (use.kind === 'never' ? 0 : 1) + (isConditional ? 1 : 0);

const severityAt = (place: number): Severity => severities[Math.min(place, severities.length - 1)] ?? 'low';
