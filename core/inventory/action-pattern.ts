/**
 * Compiles an action pattern of a policy: `*` is any run of characters, `?` any single one, case does not count
 * (IAM User Guide, "IAM JSON policy elements: Action").
 */
export function actionPattern(pattern: string): (lowerCaseAction: string) => boolean {
  if (/^\*+$/.test(pattern)) return () => true;
  const parts = pattern
    .toLowerCase()
    // A run of stars means what one means, and costs less.
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^${parts}$`, 's');
  return (action) => expression.test(action);
}
