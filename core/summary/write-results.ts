import type { AccountCredentials } from '../contract/evidence.ts';
import type { UnreadableEntry } from '../contract/messages.ts';
import type { FailureCause, FindingsOfAccount, MissingEvidence } from '../contract/run.ts';
import type { Services } from '../ports/services.ts';
import { saveEvidence, type Uncarried } from '../reuse/stored-evidence.ts';
import { writeAccountTables } from '../tables/write-tables.ts';
import { joinFailures, tryStep } from './account-failure.ts';
import { writeFindings } from './findings/account-findings.ts';
import { writeRecommendations } from './write-recommendations.ts';

interface AccountRecords {
  readonly runId: string;
  readonly accountId: string;
  readonly credentials: AccountCredentials;
  /** Entries of the inventory that can't be read. */
  readonly unreadable: readonly UnreadableEntry[];
  /** Parts that no later run may carry over; null if the account has no valid records. */
  readonly uncarried: Uncarried | null;
  /** Whether the account was rechecked after its batches. */
  readonly wasRechecked: boolean;
}

export interface WrittenResults {
  /** Null if the findings could not be written. */
  readonly findings: FindingsOfAccount | null;
  /** Number of roles whose trust policies may let in principals of other accounts. */
  readonly openRoles: number;
  /** Why paths may be missing in the findings. */
  readonly searchLimits: readonly MissingEvidence[];
  /** Whether the tables have the rows of this run. */
  readonly tablesWritten: boolean;
  /** What could not be written; null if everything was. */
  readonly failure: FailureCause | null;
}

/**
 * Writes what follows from an account's records: evidence for later runs, recommendations, findings, and the tables. If
 * one of the first three fails, the others are still written. The tables need the records and the findings.
 * @throws RunSuperseded
 */
export async function writeResults(
  { runId, accountId, credentials, unreadable, uncarried, wasRechecked }: AccountRecords,
  services: Services,
): Promise<WrittenResults> {
  const failures: (FailureCause | null)[] = [];
  if (uncarried !== null) {
    const evidence = await tryStep('The evidence for later runs', () =>
      saveEvidence(services, runId, accountId, uncarried, wasRechecked),
    );
    const recommendations = await tryStep('Recommendations', () =>
      writeRecommendations(services.store, { runId, accountId }, services.settings, services.clock.now()),
    );
    failures.push(evidence.failure, recommendations.failure);
  }
  const hasRecords = uncarried !== null;
  const findings = await tryStep('Findings', () =>
    writeFindings({ runId, accountId, credentials, hasRecords, unreadable }, services),
  );
  const tables =
    hasRecords && findings.failure === null
      ? await tryStep('The tables', () => writeAccountTables(services.store, { runId, accountId }))
      : { result: false, failure: null };
  const failure = joinFailures([...failures, findings.failure, tables.failure]);
  if (failure !== null) services.warn(`Account ${accountId}: ${failure.code}: ${failure.message}`);
  const tablesWritten = tables.result === true;
  if (findings.result === null) return { findings: null, openRoles: 0, searchLimits: [], tablesWritten, failure };
  const { openRoles, searchLimits, ...written } = findings.result;
  return { findings: written, openRoles, searchLimits, tablesWritten, failure };
}
