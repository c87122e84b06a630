import type { RunSummary } from '../../core/contract/run.ts';

/** `run.json` of a run that has ended and audited nothing. @param fields that the test is about */
export const runSummary = (fields: Partial<RunSummary> = {}): RunSummary => ({
  schemaVersion: 1,
  runId: '20261123T040000Z-aaaaaa',
  startedAt: '2026-11-23T04:00:00.000Z',
  finishedAt: '2026-11-23T04:10:00.000Z',
  status: 'COMPLETE',
  scope: { accounts: 'all', principals: 'all' },
  accounts: [],
  principals: { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 },
  calls: {},
  cost: { stepFunctions: 0.1, lambda: 0, s3: 0, athena: 0, total: 0.1 },
  ...fields,
});
