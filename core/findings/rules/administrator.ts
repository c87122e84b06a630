import type { PrincipalRecord } from '../../contract/evidence.ts';
import type { Severity } from '../../contract/finding.ts';
import { isAdministrator } from '../abilities.ts';
import type { PrincipalRule } from '../rule.ts';
import { nameOf } from '../wording.ts';

export const administrator: PrincipalRule = {
  id: 'administrator',
  subject: 'principal',
  severity:
    'medium; high for a user who has an active access key, or a password in use without MFA; low for roles that AWS keeps',
  meaning:
    'The principal may change IAM’s policies on every resource and without a condition, within its boundary and SCPs, so that it can give itself everything.',
  why: 'Whoever gets hold of it has the account. How many there are, and who they are, should be known.',
  remedy:
    'Keep a few administrators that people assume with MFA, without access keys of their own. Give programs a policy of their own instead.',
  find: (record) => {
    if (!isAdministrator(record)) return [];
    const { activeAccessKeys, passwordWithoutMfa } = exposureOf(record);
    const texts = ['It may change IAM’s policies on every resource, so that it can give itself everything.'];
    if (activeAccessKeys > 0) texts.push('It has an active access key, which works wherever it is copied to.');
    if (passwordWithoutMfa) texts.push('It signs in with a password alone, without MFA.');
    return [
      {
        key: '',
        severity: severityOf(record, activeAccessKeys > 0 || passwordWithoutMfa),
        title: `${nameOf(record)} is an administrator`,
        detail: texts.join(' '),
        evidence: { activeAccessKeys, passwordWithoutMfa, permissionsAsOf: record.permissions.asOf },
      },
    ];
  },
};

/** A password that was never used may be none at all: the report's columns that are kept don't tell. */
function exposureOf({ credentials }: PrincipalRecord): { activeAccessKeys: number; passwordWithoutMfa: boolean } {
  if (credentials === null) return { activeAccessKeys: 0, passwordWithoutMfa: false };
  return {
    activeAccessKeys: credentials.accessKeys.filter(({ active }) => active).length,
    passwordWithoutMfa: credentials.passwordLastUsed !== null && !credentials.mfaActive,
  };
}

function severityOf({ managedBy }: PrincipalRecord, isExposed: boolean): Severity {
  if (managedBy !== null) return 'low';
  return isExposed ? 'high' : 'medium';
}
