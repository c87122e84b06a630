import type { FaultKind } from '../world/plan.ts';

/** By error code: the kinds of faults that can cause it. A code that is not here can have any cause. */
const causes: Readonly<Record<string, readonly FaultKind[]>> = {
  NoSuchEntity: ['principalChanges'],
  ReportFailed: ['reportFails', 'reportVanishes'],
  ReportTimedOut: ['reportSlow'],
  Throttled: ['storm'],
  Throttling: ['storm'],
  ExpiredToken: ['sessionExpires'],
  InvalidClientTokenId: ['accountCloses'],
  AccessDenied: ['accountCloses'],
  ServiceFailure: ['serverError'],
  ECONNRESET: ['reset', 'cutShort'],
  StoreError: ['storeRefuses'],
  PreconditionFailed: ['storeRefuses', 'duplicate', 'killed', 'twoRuns', 'redrive'],
};

/**
 * Whether a fault that happened can be the reason of a problem with this code.
 * @param step of the problem; null for an account
 */
export function isExplained(step: string | null, code: string, happened: ReadonlySet<FaultKind>): boolean {
  // A user who was renamed is not in a credential report of an earlier time.
  if (step === 'credentials' && code === 'ReportFailed') return happened.has('principalChanges');
  return causes[code]?.some((kind) => happened.has(kind)) ?? happened.size > 0;
}
