import type { PrincipalRecord } from '../../../contract/evidence.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { grantingActions, isAdministrator } from '../../abilities/abilities.ts';
import { describeIdleness, idlenessOf, type Idleness } from '../../use/idleness.ts';
import type { PrincipalRule } from '../../rule.ts';
import { isUnused, serviceUseOf, useOf } from '../../use/usage.ts';
import { counted, listedBriefly, nameOf } from '../../../wording/wording.ts';

/** So few services are what a program needs that was given everything to be done with it. */
const FEW_SERVICES = 5;
const FEW_OF_GRANTED = 0.05;

export const administratorIdle: PrincipalRule = {
  id: 'administrator-idle',
  subject: 'principal',
  severity: 'high; medium where it changed IAM’s policies lately, and so used what makes it an administrator',
  meaning:
    'The principal is an administrator, without conditions, and uses almost nothing of it: in the days after which something counts as unused at most five services and at most half of those granted, or less than one in twenty. It may use none and still be assumed or sign in; one that does nothing at all is an unused role or user.',
  why: 'It holds the whole account and needs a small part of it: the rest serves only who gets hold of it.',
  remedy:
    'Give it a policy of the services that it uses, and take the administrator’s away. The run’s recommendations/ holds a narrower policy for it.',
  find: (record, context) => {
    const { now, graceDays, unusedAfterDays } = context;
    if (record.lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, graceDays, now)) return [];
    if (!isAdministrator(record)) return [];
    const { services } = record.lastAccessed;
    const used = services.flatMap(({ namespace, lastAuthenticated }) =>
      lastAuthenticated === null || isUnused(serviceUseOf(record, namespace), unusedAfterDays, now)
        ? []
        : [{ namespace, lastUsed: lastAuthenticated }],
    );
    if (services.length === 0 || !isLittle(used.length, services.length)) return [];
    const idleness = idlenessOf(record, context);
    // That is an unused role or user. One that uses no service may still be assumed, or sign in.
    if (idleness.kind === 'idle') return [];
    const changes = grantingActions.filter((action) => usedLately(record, action, unusedAfterDays, now));
    const unlessIam = changes.length === 0 ? '' : ` It did change IAM: ${listedBriefly(changes, 3)}.`;
    return [
      {
        key: '',
        severity: changes.length === 0 ? 'high' : 'medium',
        title: `${nameOf(record)} is an administrator that uses ${usedOf(used.length, services.length)}`,
        detail: `In ${unusedAfterDays} days it used ${whatOf(used, idleness, now)}${unlessIam}`,
        evidence: {
          used: used.sort((a, b) => (a.namespace < b.namespace ? -1 : 1)),
          granted: services.length,
          iamChanges: changes,
          unusedAfterDays,
          lastAccessedAsOf: record.lastAccessed.asOf,
        },
      },
    ];
  },
};

const usedOf = (used: number, granted: number): string =>
  used === 0 ? `none of ${counted(granted, 'service')}` : `${counted(used, 'service')} of ${granted}`;

function whatOf(used: readonly { readonly namespace: string }[], idleness: Idleness, now: number): string {
  if (used.length === 0) return `none of the services that it is granted. ${describeIdleness(idleness, now)}`;
  return `nothing but ${listedBriefly(used.map(({ namespace }) => namespace).sort(), 8)}.`;
}

const isLittle = (used: number, granted: number): boolean =>
  (used <= FEW_SERVICES && used * 2 <= granted) || used < granted * FEW_OF_GRANTED;

function usedLately(record: PrincipalRecord, action: string, days: number, now: number): boolean {
  const use = useOf(record, action);
  return use.kind === 'at' && use.level === 'action' && !isUnused(use, days, now);
}
