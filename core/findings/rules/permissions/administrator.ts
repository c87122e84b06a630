import type { PrincipalRecord } from '../../../contract/evidence.ts';
import type { Severity } from '../../../contract/finding.ts';
import { conditionalAdministrator, isAdministrator, type ConditionalAdministrator } from '../../abilities/abilities.ts';
import { lowered } from '../../abilities/privilege-level.ts';
import type { PrincipalRule } from '../../rule.ts';
import { listed, nameOf } from '../../../wording/wording.ts';

export const administrator: PrincipalRule = {
  id: 'administrator',
  subject: 'principal',
  severity:
    'medium; high for a user who has an active access key, or a password in use without MFA; low for roles that Identity Center keeps. One lower, low at least, where it is one under conditions only; low where it may be denied whatever they are',
  meaning:
    'The principal may do iam:PutRolePolicy, iam:AttachRolePolicy and iam:CreatePolicyVersion on every resource, within its boundary and SCPs, and so rewrite every role’s and its own policies: it can give itself everything. Under conditions that the simulation could not know (MFA, a network) it is one as long as they hold. Service-linked roles, which nobody can change, are left out.',
  why: 'Whoever gets hold of it has the account. How many there are, and who they are, should be known.',
  remedy:
    'Keep a few administrators that people assume with MFA, without access keys of their own. Give programs a policy of their own instead.',
  find: (record) => {
    if (record.managedBy === 'service') return [];
    const conditional = conditionalAdministrator(record);
    if (conditional === null && !isAdministrator(record)) return [];
    const { activeAccessKeys, passwordWithoutMfa } = exposureOf(record);
    const texts = ['It may change IAM’s policies on every resource, so that it can give itself everything.'];
    if (conditional !== null) texts.push(...limits(conditional));
    if (activeAccessKeys > 0) texts.push('It has an active access key, which works wherever it is copied to.');
    if (passwordWithoutMfa) texts.push('It signs in with a password alone, without MFA.');
    return [
      {
        key: '',
        severity: severityOf(record, activeAccessKeys > 0 || passwordWithoutMfa, conditional),
        title: `${nameOf(record)} ${what(conditional)}`,
        detail: texts.join(' '),
        evidence: {
          conditional: conditional?.conditions ?? [],
          notKnown: conditional?.doubtful === true ? ['denied'] : [],
          activeAccessKeys,
          passwordWithoutMfa,
          permissionsAsOf: record.permissions.asOf,
        },
      },
    ];
  },
};

function what(conditional: ConditionalAdministrator | null): string {
  if (conditional === null) return 'is an administrator';
  return `${conditional.doubtful ? 'might be' : 'is'} an administrator under conditions`;
}

function limits({ conditions, doubtful }: ConditionalAdministrator): string[] {
  const texts = [`It may do so only under conditions that were not judged: ${listed(conditions)}.`];
  if (doubtful) texts.push('The simulation denied it, and a Deny may stand whatever these are.');
  return texts;
}

/** A password that was never used may be none at all: the report's columns that are kept don't tell. */
function exposureOf({ credentials }: PrincipalRecord): { activeAccessKeys: number; passwordWithoutMfa: boolean } {
  if (credentials === null) return { activeAccessKeys: 0, passwordWithoutMfa: false };
  return {
    activeAccessKeys: credentials.accessKeys.filter(({ active }) => active).length,
    passwordWithoutMfa: credentials.passwordLastUsed !== null && !credentials.mfaActive,
  };
}

function severityOf(
  { managedBy }: PrincipalRecord,
  isExposed: boolean,
  conditional: ConditionalAdministrator | null,
): Severity {
  if (managedBy !== null || conditional?.doubtful === true) return 'low';
  const severity = isExposed ? 'high' : 'medium';
  return conditional === null ? severity : lowered(severity);
}
