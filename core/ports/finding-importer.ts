/** A finding that Security Hub did not take. */
export interface RefusedFinding {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** AWS Security Hub in one Region, for findings of the caller's account. */
export interface FindingImporter {
  /** @param findings in the AWS Security Finding Format @returns those that were refused @throws AwsFault */
  importFindings(findings: readonly Record<string, unknown>[]): Promise<readonly RefusedFinding[]>;
}
