import type { OrganizationUseOfRun, RunSummary } from '../../../core/contract/run.ts';
import { organizationUseInWords } from '../../../core/report/organization-use-in-words.ts';

const runId = '20261123T040000Z-abcdef';

const runWith = (use?: Partial<OrganizationUseOfRun>): RunSummary => ({
  schemaVersion: 1,
  runId,
  startedAt: '2026-11-23T04:00:00.000Z',
  finishedAt: null,
  status: 'COMPLETE',
  scope: { accounts: 'all', principals: 'all' },
  accounts: [],
  organization: {
    organizationId: 'o-one',
    skipped: [],
    resourceControlPolicies: {},
    joined: [],
    left: [],
    ...(use === undefined ? {} : { use: { units: 1, accounts: 1, answered: 2, carried: 0, proposals: 1, ...use } }),
  },
  principals: { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 },
  calls: {},
  cost: { stepFunctions: 0, lambda: 0, s3: 0, athena: 0, total: 0 },
});

test('a run that did not read the use of services has no sentence', () => {
  expect(organizationUseInWords(runWith())).toEqual([]);
});

test('the summary names the proposals, and the problem with what to do', () => {
  const problem = { code: 'AccessDenied', message: 'You may not', whatToDo: 'Use the management account.' };
  expect(organizationUseInWords(runWith({ proposals: 2, problem }))).toEqual([
    `Service control policies that deny unused services are proposed for 2 units of the organization (runs/${runId}/scp/).`,
    'Services used in the organization: AccessDenied: You may not. Use the management account.',
  ]);
});
