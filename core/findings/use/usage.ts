import type { Use } from '../../contract/answers/permission.ts';
import type { AccessedService, PrincipalRecord } from '../../contract/evidence.ts';
import { DAY_MS } from '../../ports/clock.ts';
import { isNeverReported } from './untracked-actions.ts';

export function serviceOf(record: PrincipalRecord, namespace: string): AccessedService | null {
  return record.lastAccessed.services.find((service) => service.namespace === namespace) ?? null;
}

/** @param action `service:Action` */
export function useOf(record: PrincipalRecord, action: string): Use {
  if (record.lastAccessed.status !== 'COMPLETE' || isNeverReported(action)) return { kind: 'unknown' };
  const [namespace = '', name = ''] = action.toLowerCase().split(':');
  const service = serviceOf(record, namespace);
  if (service === null) return { kind: 'unknown' };
  // If the service was never used, none of its actions was used, whether AWS tracks them or not.
  if (service.lastAuthenticated === null) return { kind: 'never', level: 'service' };
  if (service.actions === null) return { kind: 'at', time: service.lastAuthenticated, level: 'service' };
  const tracked = service.actions.find((one) => one.name.toLowerCase() === name);
  if (tracked === undefined) return { kind: 'unknown' };
  return tracked.lastAccessed === null
    ? { kind: 'never', level: 'action' }
    : { kind: 'at', time: tracked.lastAccessed, level: 'action' };
}

export function serviceUseOf(record: PrincipalRecord, namespace: string): Use {
  const service = record.lastAccessed.status === 'COMPLETE' ? serviceOf(record, namespace) : null;
  if (service === null) return { kind: 'unknown' };
  return service.lastAuthenticated === null
    ? { kind: 'never', level: 'service' }
    : { kind: 'at', time: service.lastAuthenticated, level: 'service' };
}

/** How a finding's evidence shows a use. `tracked`: whether AWS reports the action or only its service; null if unknown. */
export const useEvidence = (
  use: Use,
): { readonly use: Use['kind']; readonly lastUsed: string | null; readonly tracked: 'action' | 'service' | null } => ({
  use: use.kind,
  lastUsed: use.kind === 'at' ? use.time : null,
  tracked: use.kind === 'unknown' ? null : use.level,
});

/** Whether it is certain that something was not used in the `days` days before `now` (ms since the epoch). */
export const isUnused = (use: Use, days: number, now: number): boolean =>
  use.kind === 'never' || (use.kind === 'at' && isOlder(use.time, days, now));

/** Whether a time (ISO 8601) is at least `days` days before `now` (ms since the epoch). */
export const isOlder = (time: string, days: number, now: number): boolean => now - Date.parse(time) >= days * DAY_MS;

/** Whole days from a time (ISO 8601) to `now` (ms since the epoch). */
export const daysSince = (time: string, now: number): number => Math.floor((now - Date.parse(time)) / DAY_MS);
