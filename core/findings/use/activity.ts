import type { PrincipalRecord } from '../../contract/evidence.ts';

/** When a principal last did anything; a part that could not be read never counts as "never". */
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
    // Reports write times with and without fractions of a second: as texts they don't compare.
    (last, time) => (last === null || Date.parse(time) > Date.parse(last) ? time : last),
    null,
  );
  if (lastAccessed.status !== 'COMPLETE') return { kind: 'unknown' };
  if (latest !== null) return { kind: 'at', time: latest };
  // Who may have used a password or a key that nobody could read is not known to be idle.
  return problems.some(({ step }) => step === 'credentials') ? { kind: 'unknown' } : { kind: 'never' };
}
