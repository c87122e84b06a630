import { isAdministrator } from '../abilities.ts';
import type { PrincipalRule } from '../rule.ts';

export const administrator: PrincipalRule = {
  id: 'administrator',
  subject: 'principal',
  severity: 'medium; low for roles that AWS keeps',
  meaning:
    'The principal may change IAM’s policies on every resource and without a condition, within its boundary and SCPs, so that it can give itself everything.',
  why: 'Whoever gets hold of it has the account. How many there are, and who they are, should be known.',
  remedy: 'Keep a few administrators that people assume with MFA. Give programs a policy of their own instead.',
  find: (record) =>
    isAdministrator(record)
      ? [
          {
            key: '',
            severity: record.managedBy === null ? 'medium' : 'low',
            title: `${record.type === 'user' ? 'User' : 'Role'} ${record.name} is an administrator`,
            detail: 'It may change IAM’s policies on every resource, so that it can give itself everything.',
            evidence: { permissionsAsOf: record.permissions.asOf },
          },
        ]
      : [],
};
