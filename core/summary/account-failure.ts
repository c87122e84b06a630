import type { AccountSummary, FailureCause } from '../contract/run.ts';
import { RunSuperseded } from '../run/claim.ts';
import { emptyCounts, noConsumption } from './counts.ts';

/**
 * The reason of a failure, for the account's summary.
 * @param what the start of the message: what could not be done
 * @throws RunSuperseded: a run that lost the claim must not write anything, not even this reason
 */
export function causeOf(error: unknown, what: string): FailureCause {
  if (error instanceof RunSuperseded) throw error;
  if (!(error instanceof Error)) return { code: 'Error', message: `${what}: ${String(error)}` };
  return { code: error.name, message: `${what}: ${error.message}` };
}

export type StepResult<Result> =
  { readonly result: Result; readonly failure: null } | { readonly result: null; readonly failure: FailureCause };

/** Runs a step that may fail without stopping the steps after it. @throws RunSuperseded */
export async function tryStep<Result>(what: string, step: () => Promise<Result>): Promise<StepResult<Result>> {
  try {
    return { result: await step(), failure: null };
  } catch (error: unknown) {
    return { result: null, failure: causeOf(error, `${what} could not be written`) };
  }
}

/** One cause for all failures, with the first one's code; null if there are none. */
export function joinFailures(failures: readonly (FailureCause | null)[]): FailureCause | null {
  const causes = failures.filter((failure) => failure !== null);
  const [first] = causes;
  if (first === undefined) return null;
  return { code: first.code, message: causes.map(({ message }) => message).join(' · ') };
}

/** The summary of an account that could not be summarised. @param now milliseconds since the epoch */
export function failedSummary(runId: string, accountId: string, error: FailureCause, now: number): AccountSummary {
  return {
    schemaVersion: 1,
    runId,
    accountId,
    status: 'FAILED',
    startedAt: null,
    finishedAt: new Date(now).toISOString(),
    principals: emptyCounts(),
    deleted: 0,
    root: null,
    credentialReportAt: null,
    credentialReportAgeMinutes: null,
    usersWithPassword: null,
    passwordPolicy: null,
    problems: [],
    calls: {},
    consumption: noConsumption(),
    auditedAt: null,
    findings: null,
    openRoles: 0,
    stoppedByOrganization: {},
    missingEvidence: [],
    error,
  };
}
