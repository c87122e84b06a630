import type { Rule } from './rule.ts';
import { administratorIdle } from './rules/administrator-idle.ts';
import { administrator } from './rules/administrator.ts';
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
];
