/**
 * What an estimate assumes about AWS. AWS publishes none of these values. `docs/figures.md` says how the emulated runs were
 * measured that confirm them.
 */
export const assumed = {
  /** Calls per second that IAM accepts for each operation of an account, if no run has measured it. */
  callsPerSecond: 20,
  /** A full bucket holds the calls of this time. */
  bucketSeconds: 1,
  /** 5th and 95th percentile of the time until an answer, in milliseconds. */
  latencyMs: [80, 300],
  /** Milliseconds that AWS needs for a last-accessed report, if no run has measured it. */
  reportMs: 1_500,
  /** The same for a report of an organization. */
  accessReportMs: 1_500,
  /** The memory of the functions, in megabytes, as a run on one machine counts it too. */
  memoryMegabytes: 1_024,
  /** Share of the principals whose policies change on one day. */
  changedPerDay: 0.01,
} as const;
