import type { UnitUse } from '../../../core/contract/organization-use/organization-use.ts';
import type { OrganizationUseOfRun, RunSummary } from '../../../core/contract/run.ts';
import { organizationUseInWords, organizationUseSection } from '../../../core/report/organization-use-section.ts';

const runId = '20261123T040000Z-abcdef';
const hostile = '<script>alert(1)</script>';

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
const unit = (n: number, extra: Partial<UnitUse> = {}): UnitUse => ({
  id: `ou-root-0000000${n}`,
  name: `Unit ${n}`,
  place: `Root/Unit ${n}`,
  accounts: 3,
  allowed: 300,
  used: 12,
  denied: 250,
  policies: 1,
  reason: null,
  ...extra,
});
const section = (run: RunSummary, units: readonly UnitUse[]): string =>
  [...organizationUseSection(run, units)].join('\n');

test('each unit has a row with its numbers and the key of its proposal, or the reason why it has no proposal', () => {
  const html = section(runWith({}), [unit(1), unit(2, { allowed: null, used: null, denied: 0, reason: 'No report.' })]);
  expect(html).toContain('<h2 id="organization-use">Services used in the organization</h2>');
  expect(html).toContain(
    `<td>Root/Unit 1</td><td class="n">3</td><td class="n">300</td><td class="n">12</td><td class="n">250</td><td class="a">runs/${runId}/scp/ou-root-00000001.json</td>`,
  );
  expect(html).toContain('<td class="n">not known</td>');
  expect(html).toContain('None. No report.');
});

test('a run that did not read the use of services has no section and no sentence', () => {
  expect([section(runWith(), [unit(1)]), organizationUseInWords(runWith())]).toEqual(['', []]);
});

test('names and messages are escaped', () => {
  const problem = { code: 'AccessDenied', message: hostile, whatToDo: hostile };
  expect(section(runWith({ problem }), [unit(1, { place: hostile, reason: hostile })])).not.toContain('<script>');
});

test('at most 200 units are shown, and the section says where the others are', () => {
  const html = section(
    runWith({}),
    Array.from({ length: 203 }, (_, n) => unit(n)),
  );
  expect(html.split('<tr><td>').length - 1).toBe(200);
  expect(html).toContain(`3 more units are not shown here. All of them are in runs/${runId}/organization-use.json.`);
});

test('the summary names the proposals, and the problem with what to do', () => {
  const problem = { code: 'AccessDenied', message: 'You may not', whatToDo: 'Use the management account.' };
  expect(organizationUseInWords(runWith({ proposals: 2, problem }))).toEqual([
    `Service control policies that deny unused services are proposed for 2 units of the organization (runs/${runId}/scp/).`,
    'Services used in the organization: AccessDenied: You may not. Use the management account.',
  ]);
});
