import { wildcardPattern } from './wildcards.ts';

/** Whether an ARN is in scope: `*` is any run of characters, `?` one, case counts as it does in ARNs. */
export function principalScope(patterns: readonly string[] | null): (arn: string) => boolean {
  if (patterns === null) return () => true;
  const matches = patterns.map(wildcardPattern);
  return (arn) => matches.some((match) => match(arn));
}
