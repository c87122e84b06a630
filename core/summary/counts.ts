import type { Status } from '../contract/evidence.ts';
import type { AccountSummary, Consumption, PrincipalCounts } from '../contract/run.ts';

export const emptyCounts = (): PrincipalCounts => ({ total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 });

export function addCounts(parts: Iterable<PrincipalCounts>): PrincipalCounts {
  const total = emptyCounts();
  for (const part of parts) {
    total.total += part.total;
    total.complete += part.complete;
    total.partial += part.partial;
    total.failed += part.failed;
    total.carriedForward += part.carriedForward;
  }
  return total;
}

export const noConsumption = (): Consumption => ({ megabyteMs: 0, invocations: 0, transitions: 0, puts: 0, gets: 0 });

export function addConsumption(parts: Iterable<Consumption>): Consumption {
  const total = noConsumption();
  for (const part of parts) {
    total.megabyteMs += part.megabyteMs;
    total.invocations += part.invocations;
    total.transitions += part.transitions;
    total.puts += part.puts;
    total.gets += part.gets;
  }
  return total;
}

/** COMPLETE if all are, FAILED if all are, otherwise PARTIAL. */
export function overallStatus(statuses: readonly Status[]): Status {
  if (statuses.every((status) => status === 'COMPLETE')) return 'COMPLETE';
  return statuses.every((status) => status === 'FAILED') ? 'FAILED' : 'PARTIAL';
}

/** The status of a run with these accounts. A run that audited no principal is not COMPLETE, whatever the reason. */
export function runStatus(accounts: readonly Pick<AccountSummary, 'status' | 'principals'>[]): Status {
  const status = overallStatus(accounts.map((account) => account.status));
  return status === 'COMPLETE' && accounts.every(({ principals }) => principals.total === 0) ? 'PARTIAL' : status;
}
