import type { PrincipalRecord } from '../../../contract/evidence.ts';
import type { Severity } from '../../../contract/finding.ts';
import { administratorActions } from '../../../access/abilities/abilities.ts';
import {
  conditionalAdministrator,
  isCertainAdministrator,
  type ConditionalAdministrator,
} from '../../../access/conditional-administrator.ts';
import type { AccountAccess } from '../../../access/account-access.ts';
import { policiesOf } from '../../../access/requests.ts';
import { everyPolicy } from '../../../evaluation/permissions.ts';
import { describeManager } from '../../../inventory/managed-by.ts';
import { lowered } from '../../../access/abilities/privilege-level.ts';
import { groundsInWords, groundsOfActions } from '../../grounds.ts';
import type { PrincipalRule } from '../../rule.ts';
import { listed, nameOf } from '../../../wording/wording.ts';

export const administrator: PrincipalRule = {
  id: 'administrator',
  subject: 'principal',
  controls: ['CIS 3.0 1.16', 'FSBP IAM.1'],
  severity:
    'medium; high for a user with an active access key or signing certificate, or with a password that was used and no MFA; low for roles that IAM Identity Center, AWS Control Tower or StackSets manage. One level lower (but not below low) if it is an administrator only under conditions; low if the actions may be denied under any condition',
  meaning:
    'The principal is allowed iam:PutRolePolicy, iam:AttachRolePolicy and iam:CreatePolicyVersion on every resource, after its permissions boundary and service control policies (SCPs) are applied. It can rewrite its own policies and those of every role, so it can give itself any permission. If the actions are allowed only under conditions that are not known to hold (MFA, a network), it is an administrator while they are met. Service-linked roles are not reported, because their permissions cannot be changed.',
  why: 'An attacker who gets its credentials controls the account. You should know each administrator of an account.',
  remedy:
    'Keep a few administrator roles that people assume with MFA. Do not give access keys to administrators. Give each program a policy for what it needs.',
  find: (record, { access }) => {
    if (record.managedBy === 'service') return [];
    const conditional = conditionalAdministrator(record, access.account);
    if (conditional === null && !isCertainAdministrator(record, access.account)) return [];
    const { activeAccessKeys, activeCertificates, passwordWithoutMfa } = exposureOf(record);
    const texts = ['It can change IAM policies on every resource, so it can give itself any permission.'];
    if (conditional !== null) texts.push(...describeConditions(conditional));
    const grounds = groundsOfActions(access, record.arn, administratorActions);
    texts.push(...groundsInWords(grounds));
    if (activeAccessKeys > 0) {
      const worksAnywhere = conditional === null && !needsMfa(access.account, record.arn);
      texts.push(`It has an active access key${worksAnywhere ? ', which works from anywhere' : ''}.`);
    }
    if (activeCertificates > 0) texts.push('It has an active signing certificate, which works without MFA.');
    if (passwordWithoutMfa) texts.push('It signs in with a password and no MFA.');
    texts.push(...describeManager(record));
    return [
      {
        key: '',
        severity: severityOf(record, activeAccessKeys > 0 || activeCertificates > 0 || passwordWithoutMfa, conditional),
        title: `${nameOf(record)} ${verdict(conditional)}`,
        detail: texts.join(' '),
        evidence: {
          conditional: conditional?.conditions ?? [],
          notKnown: conditional?.doubtful === true ? ['denied'] : [],
          grounds,
          activeAccessKeys,
          activeCertificates,
          passwordWithoutMfa,
          permissionsAsOf: record.permissions.asOf,
        },
      },
    ];
  },
};

/** Whether a policy of the principal has a condition on MFA, so that its access key alone may do less. */
function needsMfa(account: AccountAccess, arn: string): boolean {
  const node = account.principal(arn);
  if (node === null) return false;
  const isMfa = (key: string): boolean => key.startsWith('aws:multifactorauth');
  return administratorActions.some((action) =>
    account.evaluator.namesKey(everyPolicy(policiesOf(account, node)), action.toLowerCase(), isMfa),
  );
}

function verdict(conditional: ConditionalAdministrator | null): string {
  if (conditional === null) return 'is an administrator';
  return `${conditional.doubtful ? 'might be' : 'is'} an administrator under conditions`;
}

function describeConditions({ conditions, doubtful }: ConditionalAdministrator): string[] {
  const texts = [`This is allowed only under conditions that are not known to hold: ${listed(conditions)}.`];
  if (doubtful) {
    texts.push('It may be denied whatever values the condition keys have: the policy that denies it is not known.');
  }
  return texts;
}

/**
 * A password counts only if it was used. The use proves that the password exists, which records of earlier versions do
 * not say.
 */
function exposureOf({ credentials }: PrincipalRecord): {
  activeAccessKeys: number;
  activeCertificates: number;
  passwordWithoutMfa: boolean;
} {
  if (credentials === null) return { activeAccessKeys: 0, activeCertificates: 0, passwordWithoutMfa: false };
  return {
    activeAccessKeys: credentials.accessKeys.filter(({ active }) => active).length,
    activeCertificates: credentials.activeCertificates ?? 0,
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
