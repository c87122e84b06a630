import { isCertainAdministrator } from '../../../access/conditional-administrator.ts';
import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { administratorActions, grantingActions } from '../../../access/abilities/abilities.ts';
import { describeIdleness, idlenessOf, type Idleness } from '../../use/idleness.ts';
import { groundsInWords, groundsOfActions } from '../../grounds.ts';
import type { PrincipalRule, RuleContext } from '../../rule.ts';
import { isUnused, serviceUseOf, useOf } from '../../use/usage.ts';
import { listedBriefly, nameOf } from '../../../wording/wording.ts';

/** A program that was given every permission for convenience typically uses so few services. */
const FEW_SERVICES = 5;
/** Share of the granted services. */
const FEW_OF_GRANTED = 0.05;

export const administratorIdle: PrincipalRule = {
  id: 'administrator-idle',
  subject: 'principal',
  controls: ['CIS 3.0 1.16', 'FSBP IAM.1'],
  severity: 'high; medium if it recently changed IAM permissions, because this use needs administrator permissions',
  meaning:
    'The principal is an administrator without conditions, but uses few of the services that its policies grant. Few means at most five services and at most half of those granted, or less than one in twenty, within the `unusedAfterDays` setting. A principal that is assumed or signs in, but uses no service, is also reported. A principal without any activity is reported by unused-role or unused-user instead.',
  why: 'It needs a small part of its permissions. The rest only helps an attacker who gets its credentials.',
  remedy:
    'Replace its administrator policy with a policy for the services that it uses. The recommendations/ folder of an audit contains a narrower policy for it; a scan writes none.',
  find: (record, context) => {
    const { now, graceDays, unusedAfterDays } = context;
    if (record.lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, graceDays, now)) return [];
    if (!isCertainAdministrator(record, context.access.account)) return [];
    const { services } = record.lastAccessed;
    const used = services.flatMap(({ namespace, lastAuthenticated }) =>
      lastAuthenticated === null || isUnused(serviceUseOf(record, namespace), unusedAfterDays, now)
        ? []
        : [{ namespace, lastUsed: lastAuthenticated }],
    );
    if (services.length === 0 || !isFew(used.length, services.length)) return [];
    const idleness = idlenessOf(record, context);
    // unused-role or unused-user reports it. A principal that uses no service may still be assumed or sign in.
    if (idleness.kind === 'idle') return [];
    const grounds = groundsOfActions(context.access, record.arn, administratorActions);
    const changes = grantingActions.filter((action) => usedRecently(record, action, unusedAfterDays, now));
    const iamChanges = changes.length === 0 ? '' : ` It changed IAM permissions with ${listedBriefly(changes, 3)}.`;
    return [
      {
        key: '',
        severity: changes.length === 0 ? 'high' : 'medium',
        title: `${nameOf(record)} is an administrator but uses ${usedOf(used.length, services.length)} granted`,
        detail: [`${describeUse(used, idleness, context)}${iamChanges}`, ...groundsInWords(grounds)].join(' '),
        evidence: {
          used: used.sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
          granted: services.length,
          iamChanges: changes,
          grounds,
          unusedAfterDays,
          lastAccessedAsOf: record.lastAccessed.asOf,
        },
      },
    ];
  },
};

const usedOf = (used: number, granted: number): string =>
  `${used === 0 ? 'none' : used === 1 ? 'only one' : `only ${used}`} of ${granted} ${granted === 1 ? 'service' : 'services'}`;

function describeUse(
  used: readonly { readonly namespace: string }[],
  idleness: Idleness,
  { now, unusedAfterDays }: RuleContext,
): string {
  const period = `In the last ${unusedAfterDays} days`;
  if (used.length === 0) return `${period} it used no service. ${describeIdleness(idleness, now)}`;
  return `${period} it used only ${listedBriefly(used.map(({ namespace }) => namespace).sort(), 8)}.`;
}

const isFew = (used: number, granted: number): boolean =>
  (used <= FEW_SERVICES && used * 2 <= granted) || used < granted * FEW_OF_GRANTED;

function usedRecently(record: PrincipalRecord, action: string, days: number, now: number): boolean {
  const use = useOf(record, action);
  return use.kind === 'at' && use.level === 'action' && !isUnused(use, days, now);
}
