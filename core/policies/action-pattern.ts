import { wildcardPattern } from './wildcards.ts';

/**
 * Compiles an action pattern of a policy: `*` is any run of characters, `?` any single one, case does not count
 * (IAM User Guide, "IAM JSON policy elements: Action").
 */
export const actionPattern = (pattern: string): ((lowerCaseAction: string) => boolean) =>
  wildcardPattern(pattern.toLowerCase());
