/** Whether an ARN is in scope: `*` is any run of characters, `?` one, case counts as it does in ARNs. */
export function principalScope(patterns: readonly string[] | null): (arn: string) => boolean {
  if (patterns === null) return () => true;
  const expressions = patterns.map((pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.');
    return new RegExp(`^${escaped}$`, 's');
  });
  return (arn) => expressions.some((expression) => expression.test(arn));
}
