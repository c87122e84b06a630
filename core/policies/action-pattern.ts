import { wildcardPattern } from './wildcards.ts';

/**
 * Compiles an action pattern of a policy: `*` matches any characters, `?` one character, regardless of case (IAM User
 * Guide, "IAM JSON policy elements: Action").
 */
export const actionPattern = (pattern: string): ((lowerCaseAction: string) => boolean) =>
  wildcardPattern(pattern.toLowerCase());
