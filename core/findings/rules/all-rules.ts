import type { Rule } from '../rule.ts';
import { administratorIdle } from './permissions/administrator-idle.ts';
import { administrator } from './permissions/administrator.ts';
import { assumableByOrganization } from './trust/assumable-by-organization.ts';
import { assumableByAnyone } from './trust/assumable-by-anyone.ts';
import { assumableFromOutside } from './trust/assumable-from-outside.ts';
import { confusedDeputy } from './trust/confused-deputy.ts';
import { expiredException } from '../expired-exception.ts';
import { oidcWithoutSubject } from './trust/oidc-without-subject.ts';
import { oldAccessKey } from './credentials/old-access-key.ts';
import { passwordWithoutMfa } from './credentials/password-without-mfa.ts';
import { rootAccessKey } from './credentials/root-access-key.ts';
import { rootUsed } from './credentials/root-used.ts';
import { twoActiveAccessKeys } from './credentials/two-active-access-keys.ts';
import { weakPasswordPolicy } from './credentials/weak-password-policy.ts';
import { rootWithoutMfa } from './credentials/root-without-mfa.ts';
import { trustsDeletedPrincipal } from './trust/trusts-deleted-principal.ts';
import { unusedAccessKey } from './credentials/unused-access-key.ts';
import { unusedPassword } from './credentials/unused-password.ts';
import { unusedRole } from './principals/unused-role.ts';
import { unusedUser } from './principals/unused-user.ts';
import { escalationAcrossAccounts } from '../across-accounts/escalation-across-accounts.ts';
import { escalationPath } from './permissions/escalation-path.ts';
import { sensitivePermissionUnused } from './permissions/sensitive-permission-unused.ts';
import { serviceUnused } from './permissions/service-unused.ts';

/** Every rule, in the order of docs/findings.md and the report. */
export const rules: readonly Rule[] = [
  administrator,
  administratorIdle,
  escalationPath,
  escalationAcrossAccounts,
  sensitivePermissionUnused,
  serviceUnused,
  rootAccessKey,
  rootWithoutMfa,
  rootUsed,
  weakPasswordPolicy,
  assumableByAnyone,
  assumableFromOutside,
  assumableByOrganization,
  confusedDeputy,
  oidcWithoutSubject,
  trustsDeletedPrincipal,
  unusedRole,
  unusedUser,
  unusedPassword,
  unusedAccessKey,
  oldAccessKey,
  twoActiveAccessKeys,
  passwordWithoutMfa,
  expiredException,
];

export const ruleIds: readonly string[] = rules.map(({ id }) => id);
