import { recommend, type Outcome } from '../../../core/recommendations/recommend.ts';
import { Candidates } from '../../../core/recommendations/observed-use.ts';
import type { ScanResult } from '../../../core/scan/scan-account.ts';
import { findingsAbout, NOW, readCase, scanned } from '../../support/scanned-case.ts';

/** The recommendation for a principal, by its name. Null: it is no candidate. */
function recommendationFor({ records, policies }: ScanResult, name: string): Outcome | null {
  const record = records.find((one) => one.name === name);
  const stored = record === undefined ? undefined : policies.get(record.arn);
  if (record === undefined || stored === undefined) throw new Error(`The case has no principal ${name}.`);
  const candidate = new Candidates({ graceDays: 30, unusedAfterDays: 90 }, NOW).candidate(record);
  const basis = { runId: '20261127T000000Z-abcdef', unusedAfterDays: 90, generatedAt: new Date(NOW).toISOString() };
  return candidate === null ? null : recommend(candidate, stored.policies, basis);
}

test('reading S3 returns no credentials: it raises no severity', async () => {
  const result = await scanned(readCase('s3-reader-is-no-credential-reader'));
  expect(findingsAbout(result, 'reader')).toEqual(['low unused-role: Role reader is unused']);
  expect(findingsAbout(result, 'lister')).toEqual(['low unused-role: Role lister is unused']);
  expect(findingsAbout(result, 's3-viewer')).toEqual([
    'medium password-without-mfa: User s3-viewer has a console password and no MFA',
  ]);
});

test('iam:PassRole is never called unused, and no recommendation takes it away', async () => {
  const result = await scanned(readCase('passrole-never-tracked'));
  expect(findingsAbout(result, 'shipper').filter((text) => text.includes('service-unused'))).toEqual([]);
  expect(recommendationFor(result, 'shipper')).toEqual({ kind: 'nothing' });
});

test('roles that organization tools keep get no advice that the account can’t follow', async () => {
  const result = await scanned(readCase('roles-that-aws-keeps'));
  for (const name of ['AWSControlTowerExecution', 'stacksets-exec-0123456789abcdef']) {
    const found = result.findings.filter(({ principalArn }) => principalArn.endsWith(`/${name}`));
    expect(found.map(({ rule }) => rule).sort()).toEqual(['administrator', 'assumable-from-outside']);
    for (const { detail } of found)
      expect(detail).toMatch(/It is managed by (?:AWS Control Tower|CloudFormation StackSets)\./);
    expect(recommendationFor(result, name)).toBeNull();
  }
});

const anyone = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] };
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const role = (name: string, trust: object): object => ({
  ...{ name, trust, lastUsed: 2, inline: [{ name: 'p', doc: everything }], la: { iam: 1 } },
});

test('a name of an organization’s tool does not hide that anyone may assume the role', async () => {
  const names = [
    'AWSControlTowerExecution',
    'AWSReservedSSO_Admin_0123456789abcdef',
    'stacksets-exec-0123456789abcdef',
  ];
  const result = await scanned({ id: '111122223333', roles: names.map((name) => role(name, anyone)) });
  for (const name of names) {
    expect(findingsAbout(result, name)).toContain(
      `critical assumable-by-anyone: Role ${name} can be assumed by anyone with an AWS account`,
    );
  }
});
