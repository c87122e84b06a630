import { auditHistory } from '../../cli/demo/company-history.ts';
import type { Finding } from '../../core/contract/finding.ts';
import { objects } from '../../core/contract/objects.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import type { Trend } from '../../core/contract/report/trend.ts';
import { plantedWays } from '../../local/emulated-aws/generate/company/planted-ways.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LAST_DAY = Date.parse('2026-11-27T00:00:00Z');
/** Before most changes of the history, and the last two days. */
const DAYS_AGO = [21, 1, 0];

const store = new FolderStore({ folder: temporaryFolder('history') });
const warnings: string[] = [];
const done: number[] = [];
let trend: Trend;
/** By run, in the order of the trend. */
const findings: Finding[][] = [];

beforeAll(async () => {
  await auditHistory({
    folder: store.bucket,
    lastDay: LAST_DAY,
    daysAgo: DAYS_AGO,
    limit: { rate: 20, size: 20 },
    bystanderShare: 0,
    seed: 1,
    warn: (message) => warnings.push(message),
    onDay: (count) => done.push(count),
  });
  const { runId } = await json<{ runId: string }>(objects.latest);
  trend = await json<Trend>(objects.trend(runId));
  for (const point of trend.points) {
    const lines = [];
    for await (const line of store.readLines(objects.findings(point.runId))) lines.push(JSON.parse(line) as Finding);
    findings.push(lines);
  }
}, 60_000);

async function json<T>(key: string): Promise<T> {
  return JSON.parse((await store.read(key))?.text ?? 'null') as T;
}

const named = (run: number, state: Finding['state']): string[] =>
  (findings[run] ?? [])
    .filter((finding) => finding.state === state)
    .map(({ rule, principalArn }) => `${rule} ${principalArn.split(':').at(-1)}`);

test('each day has a complete run of everything at its own time, and a point in the trend', () => {
  expect(trend.points.map(({ startedAt, status, wholeScope }) => [startedAt, status, wholeScope])).toEqual([
    ['2026-11-06T23:00:00Z', 'COMPLETE', true],
    ['2026-11-26T23:00:00Z', 'COMPLETE', true],
    ['2026-11-27T23:00:00Z', 'COMPLETE', true],
  ]);
  expect(done).toEqual([1, 2, 3]);
  expect(warnings).toEqual([]);
});

test('later days have new, resolved and accepted findings, with the day on which each was first seen', () => {
  expect(named(1, 'new')).toEqual(
    expect.arrayContaining(['escalation-path role/config-sync', 'unused-user user/theo.lambert']),
  );
  expect(named(1, 'resolved')).toContain('password-without-mfa user/daniel.costa');
  expect(named(2, 'new')).toContain('oidc-without-subject role/deploy-preview');
  expect(named(2, 'resolved')).toEqual(['password-without-mfa user/mateo.ruiz']);
  expect(named(0, 'suppressed')).toEqual([]);
  expect(named(2, 'suppressed').sort()).toEqual([
    'administrator user/break-glass',
    'assumable-from-outside role/vendor-backup',
    'unused-user user/break-glass',
  ]);
  const isWay = ({ rule, principalArn }: Finding) => rule === 'escalation-path' && principalArn.endsWith('config-sync');
  expect(findings[2]?.find(isWay)).toMatchObject({ state: 'open', firstSeen: '2026-11-26T23:00:00Z' });
});

test('every planted way is found with its techniques, its twin is not reported, and nobody else certainly has one', () => {
  const paths = (findings[2] ?? []).filter(({ rule }) => rule === 'escalation-path');
  const reported = new Map(paths.map((finding) => [finding.principalArn.split(':').at(-1), finding]));
  for (const { principal, techniques, twin } of plantedWays) {
    expect([principal, reported.get(principal)]).toMatchObject([
      principal,
      { severity: 'critical', evidence: { certainty: 'certain', worst: techniques } },
    ]);
    expect([twin, reported.get(twin)]).toEqual([twin, undefined]);
  }
  const certain = paths
    .filter(({ severity }) => severity === 'critical')
    .map((one) => one.principalArn.split(':').at(-1));
  expect(certain.sort()).toEqual(plantedWays.map(({ principal }) => principal).sort());
});

test('a later run carries evidence of principals without activity', async () => {
  const run = await json<RunSummary>(objects.run(trend.points[2]?.runId ?? ''));
  expect(run.principals.total).toBe(67);
  expect(run.principals.carriedForward).toBeGreaterThan(0);
});
