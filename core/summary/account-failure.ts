import type { AccountSummary, FailureCause } from '../contract/run.ts';
import { RunSuperseded } from '../run/claim.ts';
import { emptyCounts, noConsumption } from './counts.ts';

/** Why something could not be made. @throws RunSuperseded: who lost the claim must write nothing more, not even that */
export function causeOf(error: unknown, what: string): FailureCause {
  if (error instanceof RunSuperseded) throw error;
  if (!(error instanceof Error)) return { code: 'Error', message: `${what}: ${String(error)}` };
  return { code: error.name, message: `${what}: ${error.message}` };
}

/** Steps of an account of which one may fail without the others: what failed is told in its summary. */
export class Steps {
  readonly #failures: FailureCause[] = [];

  /** Null where the step failed. @throws RunSuperseded */
  async attempt<Result>(what: string, step: () => Promise<Result>): Promise<Result | null> {
    try {
      return await step();
    } catch (error: unknown) {
      this.#failures.push(causeOf(error, `${what} could not be written`));
      return null;
    }
  }

  /** All that failed, under the first one's code; null where nothing did. */
  get failure(): FailureCause | null {
    const [first] = this.#failures;
    if (first === undefined) return null;
    return { code: first.code, message: this.#failures.map(({ message }) => message).join(' · ') };
  }
}

/** Of an account that could not be summarised: nothing is known of it but why. */
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
    problems: [],
    calls: {},
    consumption: noConsumption(),
    auditedAt: null,
    findings: null,
    error,
  };
}
