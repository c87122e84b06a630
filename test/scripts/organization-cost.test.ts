import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { costRows, measuredRun, organizationRun } from '../../scripts/organization-cost.ts';

const page = (name: string): string => readFileSync(join(__dirname, '../../docs', name), 'utf8');
const measured = measuredRun(page('figures.md'), page('organization-scp.md'));

test('the figures are read from the pages', () => {
  expect(measured).toMatchObject({ accounts: 1_000, principalsPerAccount: 100, atOnce: 20 });
  const { minutes, transitions, dollars, useMinutes } = measured;
  expect(Math.min(minutes, transitions, dollars, useMinutes)).toBeGreaterThan(0);
});

test('a page without the figures is an error', () => {
  expect(() => measuredRun('', page('organization-scp.md'))).toThrow('No text of docs/ matches');
  expect(() => measuredRun(page('figures.md'), '')).toThrow('No text of docs/ matches');
});

test('for the measured size, the cost without the organization is the measured cost', () => {
  const run = organizationRun(measured.accounts, measured);
  // The measured run has no Notify, OfOrganization, OrganizationUse, MoreReports and further attempts.
  expect(run.transitions - measured.transitions).toBeLessThan(20);
  expect(run.stepFunctions + run.functionsAndS3).toBeCloseTo(measured.dollars, 3);
});

test('the cost grows with the number of accounts, and not faster', () => {
  const [small, large] = [organizationRun(1_000, measured), organizationRun(10_000, measured)];
  expect(large.total / small.total).toBeLessThanOrEqual(10);
  expect(large.total / small.total).toBeGreaterThan(9);
  expect(costRows(measured).map((row) => row.length)).toEqual([8, 8, 8, 8]);
});
