import type { Finding } from '../../../core/contract/finding.ts';
import { asffFinding, asffFindings } from '../../../core/export/asff.ts';
import { jsonArray } from '../../../core/export/exported-run.ts';
import { ocsfFinding, ocsfFindings } from '../../../core/export/ocsf.ts';
import { sarifLog } from '../../../core/export/sarif.ts';
import { runSummary } from '../../support/run-summary.ts';
import { sarifMismatches } from '../../support/sarif-schema.ts';

const run = runSummary({
  runId: '20261127T040000Z-abc123',
  startedAt: '2026-11-27T04:00:00.000Z',
  finishedAt: '2026-11-27T04:10:00.000Z',
  status: 'PARTIAL',
  accounts: [
    {
      accountId: '111122223333',
      name: 'Main',
      status: 'COMPLETE',
      principals: { total: 1, complete: 1, partial: 0, failed: 0, carriedForward: 0 },
    },
  ],
});
const finding = (given: Partial<Finding> = {}): Finding => ({
  id: '0123456789abcdef',
  rule: 'password-without-mfa',
  severity: 'high',
  controls: ['CIS 3.0 1.10', 'FSBP IAM.5'],
  accountId: '111122223333',
  principalArn: 'arn:aws:iam::111122223333:user/a/b',
  title: 'User b has no MFA\u0007',
  detail: 'Detail',
  evidence: { passwordLastUsed: null },
  firstSeen: '2026-11-20T04:00:00.000Z',
  state: 'open',
  exception: null,
  ...given,
});
const TIME = '2026-11-27T04:10:00.000Z';
const suppressed = finding({ state: 'suppressed', exception: { owner: 'team', reason: 'Why', expires: '2027-01-01' } });
const findings = [finding({ state: 'new' }), finding(), suppressed, finding({ state: 'resolved', severity: 'low' })];
const exported = (given: readonly Finding[] = findings) => ({
  run,
  findings: (async function* () {
    yield* given;
  })(),
});
async function parsed(lines: AsyncIterable<string>): Promise<unknown> {
  const parts: string[] = [];
  for await (const line of lines) parts.push(line);
  return JSON.parse(parts.join('\n'));
}

describe('SARIF', () => {
  test.each([
    ['findings of every state, of a run that is PARTIAL', exported()],
    ['no findings', exported([])],
    ['a rule that this version does not have', exported([finding({ rule: 'of-another-version' })])],
    [
      'a run that is still in progress',
      { ...exported(), run: { ...run, finishedAt: null, status: 'RUNNING' as const } },
    ],
  ])('a log fits the JSON Schema of SARIF 2.1.0: %s', async (_name, given) => {
    const log = await parsed(sarifLog(given, '1.2.3'));
    expect(sarifMismatches(log)).toEqual([]);
  });

  test('the schema finds a wrong log', async () => {
    const log = (await parsed(sarifLog(exported(), '1.2.3'))) as { runs: { results: Record<string, unknown>[] }[] };
    log.runs[0]!.results[0]!.level = 'high';
    log.runs[0]!.results[1]!.unknown = 1;
    expect(sarifMismatches(log)).toEqual([
      '/runs/0/results/0/level must be equal to one of the allowed values',
      '/runs/0/results/1 must NOT have additional properties',
    ]);
  });
});

describe('ASFF', () => {
  test('the states of a finding are those of Security Hub, and resolved findings are archived', async () => {
    const all = await parsed(jsonArray(asffFindings(exported(), 'eu-west-1')));
    expect(all).toMatchObject([
      { Workflow: { Status: 'NEW' }, RecordState: 'ACTIVE', Compliance: { Status: 'FAILED' } },
      { Workflow: { Status: 'NEW' }, RecordState: 'ACTIVE', Compliance: { Status: 'FAILED' } },
      { Workflow: { Status: 'SUPPRESSED' }, RecordState: 'ACTIVE', Compliance: { Status: 'WARNING' } },
      { Workflow: { Status: 'RESOLVED' }, RecordState: 'ARCHIVED', Compliance: { Status: 'PASSED' } },
    ]);
  });

  test('the ID is the same every day; the text is cut to the limits, and has no control characters', () => {
    const one = asffFinding(finding({ title: 'x'.repeat(300), detail: 'y'.repeat(2_000) }), TIME, 'eu-west-1');
    expect(one).toMatchObject({
      Id: 'iam-audit/111122223333/password-without-mfa/0123456789abcdef',
      ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
      Severity: { Label: 'HIGH' },
      Compliance: { RelatedRequirements: ['CIS 3.0 1.10', 'FSBP IAM.5'] },
      Resources: [{ Type: 'AwsIamUser', Id: 'arn:aws:iam::111122223333:user/a/b', Partition: 'aws' }],
    });
    expect([String(one.Title).length, String(one.Description).length]).toEqual([256, 1_024]);
    expect(asffFinding(finding(), TIME, 'eu-west-1').Title).toBe('User b has no MFA\ufffd');
    const china = asffFinding(finding({ principalArn: 'arn:aws-cn:iam::111122223333:root' }), TIME, 'cn-north-1');
    expect(china.ProductArn).toMatch(/^arn:aws-cn:securityhub:cn-north-1:/);
    expect(china.Resources).toMatchObject([{ Type: 'AwsAccount', Partition: 'aws-cn' }]);
  });
});

test('OCSF: activity, status and type follow from the state; the account has its name', async () => {
  const all = await parsed(jsonArray(ocsfFindings(exported())));
  expect(all).toMatchObject([
    { activity_id: 1, type_uid: 200_401, status: 'New', severity_id: 4, cloud: { account: { name: 'Main' } } },
    { activity_id: 2, type_uid: 200_402, status_id: 1, status: 'New' },
    { activity_id: 2, type_uid: 200_402, status: 'Suppressed' },
    { activity_id: 3, type_uid: 200_403, status: 'Resolved', severity_id: 2 },
  ]);
  expect(ocsfFinding(finding(), TIME, 'Main')).toMatchObject({
    time: Date.parse(TIME),
    finding_info: { uid: '0123456789abcdef', first_seen_time: Date.parse('2026-11-20T04:00:00Z') },
    unmapped: { controls: ['CIS 3.0 1.10', 'FSBP IAM.5'] },
  });
});

describe('SARIF', () => {
  test('results name a rule of the log, and have a level, a fingerprint and a baseline', async () => {
    const log = (await parsed(sarifLog(exported(), '1.2.3'))) as {
      version: string;
      runs: {
        tool: { driver: { rules: { id: string }[] } };
        results: { ruleIndex: number; level: string; baselineState: string }[];
        invocations: object[];
      }[];
    };
    const [one] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(one?.results.map(({ level, baselineState }) => [level, baselineState])).toEqual([
      ['error', 'new'],
      ['error', 'unchanged'],
      ['error', 'unchanged'],
      ['note', 'absent'],
    ]);
    expect(one?.tool.driver.rules[one.results[0]?.ruleIndex ?? -1]?.id).toBe('password-without-mfa');
    expect(one?.results[2]).toMatchObject({ suppressions: [{ justification: 'team, until 2027-01-01: Why' }] });
    expect(one?.results[0]).toMatchObject({
      partialFingerprints: { 'findingId/v1': '0123456789abcdef' },
      locations: [{ physicalLocation: { artifactLocation: { uri: '111122223333/user/a/b' } } }],
    });
    expect(one?.invocations).toMatchObject([
      { executionSuccessful: true, toolExecutionNotifications: [{ level: 'warning' }] },
    ]);
  });

  test('the log names the version; each rule has a severity and a short description', async () => {
    expect(await parsed(sarifLog(exported(), '1.2.3'))).toMatchObject({
      runs: [{ tool: { driver: { version: '1.2.3' } } }],
    });
    const log = (await parsed(sarifLog(exported([]), '1.2.3'))) as {
      runs: {
        tool: {
          driver: {
            rules: {
              id: string;
              shortDescription: { text: string };
              fullDescription: { text: string };
              properties: { 'security-severity': string };
            }[];
          };
        };
      }[];
    };
    const rules = log.runs[0]?.tool.driver.rules ?? [];
    expect(rules.length).toBeGreaterThan(20);
    for (const { shortDescription, fullDescription, properties } of rules) {
      expect(fullDescription.text.startsWith(shortDescription.text)).toBe(true);
      expect(shortDescription.text).toMatch(/^[^]+\.$/);
      expect(shortDescription.text).not.toMatch(/\.\s/);
      expect(['9.5', '8.0', '5.5', '2.0']).toContain(properties['security-severity']);
    }
    expect(rules.find(({ id }) => id === 'administrator')).toMatchObject({
      properties: { 'security-severity': '5.5' },
    });
  });

  test('a run without findings is a valid log', async () => {
    expect(await parsed(sarifLog(exported([]), '1.2.3'))).toMatchObject({ runs: [{ results: [] }] });
    expect(await parsed(jsonArray(ocsfFindings(exported([]))))).toEqual([]);
  });
});
