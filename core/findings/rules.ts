import type { Rule } from './rule.ts';
import { administrator } from './rules/administrator.ts';
import { expiredException } from './rules/expired-exception.ts';

/** Every rule, in the order in which documents list them. */
export const rules: readonly Rule[] = [administrator, expiredException];

export const ruleIds: readonly string[] = rules.map(({ id }) => id);
