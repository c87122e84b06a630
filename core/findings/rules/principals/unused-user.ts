import type { Credentials } from '../../../contract/evidence.ts';
import type { Severity } from '../../../contract/finding.ts';
import { canBeRemoved } from '../../../inventory/managed-by.ts';
import { dayAndAge, describeIdleness, idlenessOf } from '../../use/idleness.ts';
import {
  describePrivilegeLevel,
  isPrivileged,
  lowered,
  privilegeLevelEvidence,
  privilegeLevelOf,
  type PrivilegeLevel,
} from '../../../access/abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { listed } from '../../../wording/wording.ts';

export const unusedUser: PrincipalRule = {
  id: 'unused-user',
  subject: 'principal',
  controls: ['CIS 3.0 1.12', 'FSBP IAM.8'],
  severity:
    'high if the user is an administrator, or can change permissions or obtain credentials; otherwise medium. One level lower if the user has neither a password nor an active access key or signing certificate',
  meaning:
    'AWS reports no use of the user’s password, access keys and services, or none within the `unusedAfterDays` setting.',
  why: 'The password and keys of a person who left still work, and misuse is hard to notice.',
  remedy:
    'Deactivate the user’s access keys and signing certificates, and delete its password. Delete the user after some weeks if nothing has failed.',
  find: (record, context) => {
    const { credentials } = record;
    if (record.type !== 'user' || credentials === null) return [];
    if (!canBeRemoved(record, context.graceDays, context.now)) return [];
    const idleness = idlenessOf(record, context);
    if (idleness.kind !== 'idle') return [];
    const level = privilegeLevelOf(record);
    const workingCredentials = workingCredentialsOf(credentials);
    return [
      {
        key: '',
        severity: severityOf(level, workingCredentials),
        title: `User ${record.name} is unused`,
        detail: [
          describeIdleness(idleness, context.now),
          `It was created on ${dayAndAge(record.createdAt, context.now)}.`,
          workingCredentials.length === 0
            ? 'It has neither a password nor an active access key.'
            : `It has ${listed(workingCredentials)}.`,
          describePrivilegeLevel(level),
        ].join(' '),
        evidence: {
          lastActivity: idleness.since,
          createdAt: record.createdAt,
          lastAccessedAsOf: record.lastAccessed.asOf,
          passwordEnabled: credentials.passwordEnabled,
          activeCertificates: credentials.activeCertificates,
          activeKeys: credentials.accessKeys.filter(({ active }) => active).length,
          ...privilegeLevelEvidence(level),
        },
      },
    ];
  },
};

/** The credentials that still work. */
function workingCredentialsOf({ passwordEnabled, accessKeys, activeCertificates }: Credentials): string[] {
  const active = accessKeys.filter(({ active }) => active).length;
  return [
    ...(passwordEnabled === true ? ['a password'] : []),
    ...(passwordEnabled === null ? ['possibly a password'] : []),
    ...(active > 0 ? [active === 1 ? 'an active access key' : `${active} active access keys`] : []),
    ...((activeCertificates ?? 0) > 0 ? ['an active signing certificate'] : []),
  ];
}

function severityOf(level: PrivilegeLevel, workingCredentials: readonly string[]): Severity {
  const severity = isPrivileged(level) ? 'high' : 'medium';
  return workingCredentials.length === 0 ? lowered(severity) : severity;
}
