import type { Rule } from './rule.ts';
import { administrator } from './rules/administrator.ts';

/** Every rule, in the order in which documents list them. */
export const rules: readonly Rule[] = [administrator];
