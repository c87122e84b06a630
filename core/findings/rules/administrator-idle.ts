import type { PrincipalRecord } from '../../contract/evidence.ts';
import { canBeRemoved } from '../../inventory/managed-by.ts';
import { grantingActions, isAdministrator } from '../abilities.ts';
import type { PrincipalRule } from '../rule.ts';
import { isUnused, serviceUseOf, useOf } from '../usage.ts';
import { counted, listedBriefly, nameOf } from '../wording.ts';

/** So few services are what a program needs that was given everything to be done with it. */
const FEW_SERVICES = 5;
const FEW_OF_GRANTED = 0.05;

export const administratorIdle: PrincipalRule = {
  id: 'administrator-idle',
  subject: 'principal',
  severity: 'high; medium where it changed IAM’s policies lately, and so used what makes it an administrator',
  meaning:
    'The principal is an administrator and uses almost nothing of it: in the days after which something counts as unused at most five services and at most half of those granted, or less than one in twenty.',
  why: 'It holds the whole account and needs a small part of it: the rest serves only who gets hold of it.',
  remedy:
    'Give it a policy of the services that it uses, and take the administrator’s away. The run’s recommendations/ holds a narrower policy for it.',
  find: (record, { now, graceDays, unusedAfterDays }) => {
    if (record.lastAccessed.status !== 'COMPLETE' || !canBeRemoved(record, graceDays, now)) return [];
    if (!isAdministrator(record)) return [];
    const { services } = record.lastAccessed;
    const used = services.flatMap(({ namespace, lastAuthenticated }) =>
      lastAuthenticated === null || isUnused(serviceUseOf(record, namespace), unusedAfterDays, now)
        ? []
        : [{ namespace, lastUsed: lastAuthenticated }],
    );
    // One that uses nothing at all is an unused role or user.
    if (used.length === 0 || !isLittle(used.length, services.length)) return [];
    const changes = grantingActions.filter((action) => usedLately(record, action, unusedAfterDays, now));
    const names = used.map(({ namespace }) => namespace).sort();
    const unlessIam = changes.length === 0 ? '' : ` It did change IAM: ${listedBriefly(changes, 3)}.`;
    return [
      {
        key: '',
        severity: changes.length === 0 ? 'high' : 'medium',
        title: `${nameOf(record)} is an administrator that uses ${counted(used.length, 'service')} of ${services.length}`,
        detail: `In ${unusedAfterDays} days it used nothing but ${listedBriefly(names, 8)}.${unlessIam}`,
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

const isLittle = (used: number, granted: number): boolean =>
  (used <= FEW_SERVICES && used * 2 <= granted) || used < granted * FEW_OF_GRANTED;

function usedLately(record: PrincipalRecord, action: string, days: number, now: number): boolean {
  const use = useOf(record, action);
  return use.kind === 'at' && use.level === 'action' && !isUnused(use, days, now);
}
