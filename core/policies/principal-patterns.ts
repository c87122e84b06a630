import { wildcardPattern } from './wildcards.ts';

/** Tests whether an ARN is in scope: `*` matches any characters, `?` one character. ARNs are case-sensitive. */
export function principalScope(patterns: readonly string[] | null): (arn: string) => boolean {
  if (patterns === null) return () => true;
  const matches = patterns.map(wildcardPattern);
  return (arn) => matches.some((match) => match(arn));
}
