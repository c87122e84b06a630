import type { Rule } from './rule.ts';
import { administratorIdle } from './rules/administrator-idle.ts';
import { administrator } from './rules/administrator.ts';
import { assumableByAnyone } from './rules/assumable-by-anyone.ts';
import { assumableFromOutside } from './rules/assumable-from-outside.ts';
import { confusedDeputy } from './rules/confused-deputy.ts';
import { expiredException } from './rules/expired-exception.ts';
import { oidcWithoutSubject } from './rules/oidc-without-subject.ts';
import { oldAccessKey } from './rules/old-access-key.ts';
import { passwordWithoutMfa } from './rules/password-without-mfa.ts';
import { rootAccessKey } from './rules/root-access-key.ts';
import { rootWithoutMfa } from './rules/root-without-mfa.ts';
import { trustsDeletedPrincipal } from './rules/trusts-deleted-principal.ts';
import { unusedAccessKey } from './rules/unused-access-key.ts';
import { unusedPassword } from './rules/unused-password.ts';
import { unusedRole } from './rules/unused-role.ts';
import { unusedUser } from './rules/unused-user.ts';
import { escalationPath } from './rules/escalation-path.ts';
import { sensitivePermissionUnused } from './rules/sensitive-permission-unused.ts';
import { serviceUnused } from './rules/service-unused.ts';

/** Every rule, in the order in which documents list them. */
export const rules: readonly Rule[] = [
  administrator,
  administratorIdle,
  escalationPath,
  sensitivePermissionUnused,
  serviceUnused,
  rootAccessKey,
  rootWithoutMfa,
  assumableByAnyone,
  assumableFromOutside,
  confusedDeputy,
  oidcWithoutSubject,
  trustsDeletedPrincipal,
  unusedRole,
  unusedUser,
  unusedPassword,
  unusedAccessKey,
  oldAccessKey,
  passwordWithoutMfa,
  expiredException,
];

export const ruleIds: readonly string[] = rules.map(({ id }) => id);
