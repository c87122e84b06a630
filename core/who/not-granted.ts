/** The beginning of a condition about a policy whose content is not known (`core/evaluation/policy-set.ts`). */
export const CONTENT_OF = 'the content of ';
