import type { PrincipalRecord } from '../../contract/evidence.ts';

/** When a principal was last active. Evidence that could not be read gives "unknown", not "never". */
export type Activity =
  { readonly kind: 'at'; readonly time: string } | { readonly kind: 'never' } | { readonly kind: 'unknown' };

export function lastActivity({ lastAccessed, lastUsedAt = null, credentials, problems }: PrincipalRecord): Activity {
  const times = [
    ...lastAccessed.services.map(({ lastAuthenticated }) => lastAuthenticated),
    lastUsedAt,
    credentials?.passwordLastUsed ?? null,
    ...(credentials?.accessKeys.map(({ lastUsed }) => lastUsed) ?? []),
  ].filter((time) => time !== null);
  const latest = times.reduce<string | null>(
    // Some reports write fractions of a second and others do not, so times cannot be compared as text.
    (last, time) => (last === null || Date.parse(time) > Date.parse(last) ? time : last),
    null,
  );
  if (lastAccessed.status !== 'COMPLETE') return { kind: 'unknown' };
  if (latest !== null) return { kind: 'at', time: latest };
  // If passwords and keys could not be read, the principal may have used them.
  return problems.some(({ step }) => step === 'credentials') ? { kind: 'unknown' } : { kind: 'never' };
}
