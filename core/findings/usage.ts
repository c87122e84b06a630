import type { AccessedService, PrincipalRecord } from '../contract/evidence.ts';

const DAY_MS = 86_400_000;

/** When something was last used. Nothing that could not be read or that AWS does not track counts as unused. */
export type Use =
  /** ISO 8601; `level`: whether AWS tells it of the action itself or of its service. */
  | { readonly kind: 'at'; readonly time: string; readonly level: 'action' | 'service' }
  | { readonly kind: 'never'; readonly level: 'action' | 'service' }
  | { readonly kind: 'unknown' };

export function serviceOf(record: PrincipalRecord, namespace: string): AccessedService | null {
  return record.lastAccessed.services.find((service) => service.namespace === namespace) ?? null;
}

/** @param action `service:Action` */
export function useOf(record: PrincipalRecord, action: string): Use {
  if (record.lastAccessed.status !== 'COMPLETE') return { kind: 'unknown' };
  const [namespace = '', name = ''] = action.toLowerCase().split(':');
  const service = serviceOf(record, namespace);
  if (service === null) return { kind: 'unknown' };
  // A service that was never asked for anything was not asked for this either, tracked or not.
  if (service.lastAuthenticated === null) return { kind: 'never', level: 'service' };
  if (service.actions === null) return { kind: 'at', time: service.lastAuthenticated, level: 'service' };
  const tracked = service.actions.find((one) => one.name.toLowerCase() === name);
  if (tracked === undefined) return { kind: 'unknown' };
  return tracked.lastAccessed === null
    ? { kind: 'never', level: 'action' }
    : { kind: 'at', time: tracked.lastAccessed, level: 'action' };
}

/** Whether it is certain that something was not used in the last `days` days before `now` (ms since the epoch). */
export const isUnused = (use: Use, days: number, now: number): boolean =>
  use.kind === 'never' || (use.kind === 'at' && isOlder(use.time, days, now));

/** Whether a time (ISO 8601) is at least `days` days before `now` (ms since the epoch). */
export const isOlder = (time: string, days: number, now: number): boolean => now - Date.parse(time) >= days * DAY_MS;

/** Whole days from a time (ISO 8601) to `now` (ms since the epoch). */
export const daysSince = (time: string, now: number): number => Math.floor((now - Date.parse(time)) / DAY_MS);
