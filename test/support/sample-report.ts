import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PrincipalRecord } from '../../core/contract/evidence.ts';
import { severities, type Finding, type FindingCounts } from '../../core/contract/finding.ts';
import type { Recommendation } from '../../core/contract/recommendation.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { TrendPoint } from '../../core/contract/report/trend.ts';
import { countFinding, noFindings } from '../../core/findings/compare.ts';
import type { StoredPolicies } from '../../core/policies/read-policies.ts';
import { reportHead } from '../../core/report/head.ts';
import { renderReport } from '../../core/report/page.ts';
import { reportPage } from '../../report-app/built/page.ts';
import { principalRecord } from './principal-record.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Texts that a page must show and never run or be disguised by. */
export const hostileTexts = [
  '</script><script>document.title="taken over"</script>',
  '<img src=x onerror=document.title="taken over">',
  '"><svg onload=document.title="taken over">',
  "javascript:document.title='taken over'",
  '=HYPERLINK("https://example.invalid")',
  '\u202egnp.exe\u0000',
  '{{constructor.constructor("document.title=1")()}}',
] as const;

const GENERATED = '2026-11-27T04:30:00.000Z';
const RUN_ID = '20261127T040000Z-abc123';
const accountIds = ['111122223333', '222233334444', '333344445555'];
const FINDINGS_FOR_EACH = 2;

/** A slash ends a path in an ARN. */
export const hostileName = (text: string): string => text.replaceAll('/', '|');

const arnOf = (n: number): string => `arn:aws:iam::${accountIds[n % 3] ?? ''}:${n % 2 === 0 ? 'user' : 'role'}/p${n}`;

function recordOf(n: number): PrincipalRecord {
  const hostile = hostileTexts[n];
  const accountId = accountIds[n % 3] ?? '';
  const type = n % 2 === 0 ? 'user' : 'role';
  const name = hostile === undefined ? `p${n}` : `p${n}${hostileName(hostile)}`;
  return principalRecord({
    accountId,
    type,
    name,
    arn: hostile === undefined ? arnOf(n) : `arn:aws:iam::${accountId}:${type}/${name}`,
    tags: { team: `team-${n % 5}`, ...(hostile === undefined ? {} : { [hostile]: hostile }) },
    allowed: n % 4 === 0 ? ['iam:PassRole', 'lambda:CreateFunction', 'iam:CreateAccessKey'] : [],
    conditional: n % 7 === 0 ? { 'sts:AssumeRole': ['aws:SourceIp'] } : {},
    services: {
      s3: {
        last: `2026-11-${String(1 + (n % 26)).padStart(2, '0')}T10:00:00Z`,
        actions: { GetBucketPolicy: '2026-11-01T00:00:00Z' },
      },
      sqs: null,
      ec2: n % 3 === 0 ? '2026-05-01T10:00:00Z' : null,
    },
    trust: type === 'user' ? null : [{ kind: 'service', principal: hostile ?? 'lambda.amazonaws.com' }],
    credentials:
      type === 'user'
        ? { passwordEnabled: true, accessKeys: [{ active: true, lastUsed: null, lastRotated: '2025-01-01T00:00:00Z' }] }
        : null,
  });
}

function findingsOf(record: PrincipalRecord, n: number): Finding[] {
  const severity = severities[n % severities.length] ?? 'low';
  const base = {
    controls: [],
    accountId: record.accountId,
    principalArn: record.arn,
    firstSeen: `2026-11-${String(1 + (n % 27)).padStart(2, '0')}T04:00:00.000Z`,
    exception: null,
  };
  const goal = arnOf(9);
  const path = {
    steps: [
      {
        from: record.arn,
        to: goal,
        by: 'iam:PassRole',
        technique: 'lambda-001',
        actions: ['iam:PassRole', 'lambda:CreateFunction'],
        reference: 'pathfinding.cloud lambda-001',
        grounds: [{ policy: 'inline policy own', statement: 'statement 1' }],
      },
    ],
    to: goal,
    gain: 'administrator',
    certainty: n % 3 === 0 ? 'certain' : 'possible',
    missing: n % 3 === 0 ? [] : ['running'],
    targets: [goal],
    targetCount: 1,
    administrators: 1,
  };
  return [
    {
      ...base,
      id: `a${String(n).padStart(15, '0')}`,
      rule: 'escalation-path',
      severity,
      title: `${record.name} can become an administrator by passing a role`,
      detail: `The steps of ${record.name}.`,
      evidence: { paths: [path], pathCount: 1, certainty: path.certainty },
      state: n % 5 === 0 ? 'new' : 'open',
    },
    {
      ...base,
      id: `b${String(n).padStart(15, '0')}`,
      rule: record.type === 'user' ? 'unused-user' : 'unused-role',
      severity: 'low',
      title: `${record.name} is unused`,
      detail: 'No use.',
      evidence: { lastActivity: null, note: record.name },
      state: n % 11 === 0 ? 'suppressed' : n % 13 === 0 ? 'resolved' : 'open',
      exception: n % 11 === 0 ? { owner: 'team-1', reason: record.name, expires: '2027-01-01' } : null,
    },
  ];
}

const policiesOf = ({ arn }: PrincipalRecord): StoredPolicies => ({
  arn,
  policies: [
    {
      kind: 'inline',
      name: 'own',
      group: null,
      document: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['iam:PassRole', 'lambda:*'], Resource: '*' }],
      }),
    },
  ],
  boundary: null,
  groups: ['developers'],
  trust: null,
  instanceProfiles: null,
});

const recommendationOf = ({ arn }: PrincipalRecord): Recommendation => ({
  schemaVersion: 1,
  principalArn: arn,
  generatedAt: GENERATED,
  basis: { run: RUN_ID, asOf: GENERATED, unusedAfterDays: 90 },
  replaces: [{ kind: 'inline', name: 'own', group: null }],
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['iam:PassRole'], Resource: '*' }] },
  size: { characters: 90, inlineLimit: 2_048, managedLimit: 6_144, note: null },
  removed: { services: { count: 1, names: ['lambda'] }, actions: { count: 0, names: [] }, usedEarlier: [] },
  notJudged: ['iam:PassRole'],
  apply: ['Create the policy.'],
});

const calls = { sent: 300, succeeded: 298, throttled: 2, failed: 0, saved: 100, perSecond: 8, waitedSeconds: 12.5 };

function trendOf(findings: FindingCounts): TrendPoint[] {
  return Array.from({ length: 8 }, (_, n) => ({
    runId: `202611${20 + n}T040000Z-abc123`,
    startedAt: `2026-11-${20 + n}T04:00:00.000Z`,
    status: 'COMPLETE' as const,
    wholeScope: true,
    principals: { total: 100, complete: 100 },
    findings: { ...findings, critical: findings.critical + n - 7 },
    calls: { sent: 300 - 10 * n, throttled: n, saved: 10 * n },
    dollars: 0.01,
  }));
}

/** Writes a report of some principals in three accounts of an organization. @returns its address */
export async function sampleReport(principals: number): Promise<string> {
  const records = Array.from({ length: principals }, (_, n) => recordOf(n));
  const findings = records.flatMap(findingsOf);
  const counts = noFindings();
  for (const finding of findings) countFinding(counts, finding);
  const total = { total: principals, complete: principals, partial: 0, failed: 0, carriedForward: 3 };
  const start = Date.parse('2026-11-27T04:00:00Z') / 5_000;
  const run: RunSummary = {
    schemaVersion: 1,
    runId: RUN_ID,
    startedAt: '2026-11-27T04:00:00.000Z',
    finishedAt: '2026-11-27T04:10:00.000Z',
    status: 'PARTIAL',
    scope: { accounts: 'all', principals: 'all' },
    wholeScope: true,
    accounts: accountIds.map((accountId, n) => ({
      accountId,
      name: n === 0 ? hostileTexts[0] : `Account ${n}`,
      path: n === 0 ? 'Root' : `Root/Workloads/Unit ${n}`,
      status: n === 2 ? 'PARTIAL' : 'COMPLETE',
      principals: total,
      durationSeconds: 60,
      calls: { sent: 300, throttled: 2 },
      ...(n === 2
        ? { missingEvidence: [{ step: 'lastAccessed', code: 'ReportFailed', message: hostileTexts[1], principals: 2 }] }
        : {}),
    })),
    organization: { organizationId: 'o-example', skipped: [], resourceControlPolicies: {}, joined: [], left: [] },
    principals: total,
    calls: { 'iam:SimulatePrincipalPolicy': calls, 'iam:GenerateServiceLastAccessedDetails': calls },
    cost: { stepFunctions: 0.1, lambda: 0.2, s3: 0.03, athena: 0, total: 0.33 },
    findings: counts,
    culprits: {
      callers: [{ caller: hostileTexts[2], accountId: '111122223333', diagnosis: hostileTexts[3] }],
      note: null,
    },
  };
  const head = reportHead({
    run,
    generatedAt: GENERATED,
    credentials: new Map(),
    stopped: new Map([['iam:CreateUser', { accounts: 1, principals: 2 }]]),
    unitUses: [],
    trend: trendOf(counts),
    timeline: {
      stepSeconds: 5,
      operations: {
        'iam:SimulatePrincipalPolicy': Array.from({ length: 40 }, (_, n) => [
          start + n,
          40,
          n % 9 === 0 ? 1 : 0,
          2_000,
        ]),
      },
    },
  });
  const inAccount = (accountId: string): PrincipalRecord[] =>
    records.filter((record) => record.accountId === accountId);
  const parts: string[] = [];
  const page = renderReport(
    head,
    {
      records: () => streamed(records),
      findings: () => streamed(findings),
      policies: (accountId, wanted) =>
        streamed(
          inAccount(accountId)
            .filter(({ arn }) => wanted(arn))
            .map(policiesOf),
        ),
      recommendations: (accountId, wanted) =>
        streamed(
          inAccount(accountId)
            .filter(({ arn }) => wanted(arn))
            .map((record) => ({ key: 'recommendations/x.json', recommendation: recommendationOf(record) })),
        ),
      unreadable: () => [],
    },
    reportPage,
  );
  for await (const part of page) parts.push(part);
  const file = join(temporaryFolder('sample-report'), 'report.html');
  writeFileSync(file, parts.join('\n'));
  return pathToFileURL(file).href;
}

/** Findings of a sample report in all states. */
export const sampleFindings = (principals: number): number => principals * FINDINGS_FOR_EACH;

async function* streamed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
