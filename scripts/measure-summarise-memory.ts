/**
 * Measures the memory of SummariseAccount. The bundle that would be deployed runs in a separate process and calls the
 * emulated S3 over HTTP. Usage: `npm run measure:summarise [principals] [bytes per report] [asked | carried]`. With
 * "carried", the run requests only permissions, and the last-accessed reports come from an earlier run.
 */
import * as v from 'valibot';
import type { BatchLine, CarriedLine, InventoryLine, WorklistLine } from '../core/contract/account-objects.ts';
import { defaultSettings } from '../core/contract/environment.ts';
import type { LastAccessed, Permissions } from '../core/contract/evidence.ts';
import { PlanRunOutput, SummariseAccountOutput, type SummariseAccountInput } from '../core/contract/messages.ts';
import { objects } from '../core/contract/objects.ts';
import type { PolicyLine } from '../core/contract/policies.ts';
import { planBatches } from '../core/inventory/plan-batches.ts';
import { systemClock } from '../local/system-clock.ts';
import { ACCOUNT, accountOf, startEmulatedDeployment } from './emulated-deployment.ts';

const asOf = new Date(systemClock.now()).toISOString();
const part = { status: 'COMPLETE' as const, asOf, carriedFrom: null };
const arnOf = (n: number): string => `arn:aws:iam::${ACCOUNT}:role/role-${n}`;

/** A last-accessed report of about this many bytes, with twelve tracked actions per service. */
function reportOf(bytes: number): LastAccessed {
  const report: LastAccessed = { ...part, services: [] };
  for (let size = 0, n = 0; size < bytes; n += 1) {
    const service = {
      ...{ namespace: `service${n}`, name: `Amazon Service ${n}`, lastAuthenticated: null, region: null },
      actions: Array.from({ length: 12 }, (_, index) => ({ name: `DescribeSomeThings${index}`, lastAccessed: null })),
    };
    size += JSON.stringify(service).length + 1;
    report.services.push(service);
  }
  return report;
}

const decisions = Array.from({ length: 60 }, (_, n): Permissions['decisions'][number] => ({
  ...{ action: `iam:Action${n}`, decision: 'allowed', allowedByOrganizations: null, allowedByBoundary: null },
  ...{ missingContext: [], resources: [] },
}));
const permissions: Permissions = { ...part, ruledOut: 0, decisions };

const roleOf = (n: number): InventoryLine => ({
  ...{ accountId: ACCOUNT, arn: arnOf(n), type: 'role', name: `role-${n}`, path: '/', principalId: `AROA${n}` },
  ...{ createdAt: asOf, tags: {}, managedBy: null, trust: [], lastUsedAt: null, source: 'asked', fingerprint: 'f' },
  ...{ credentials: null, problems: [] },
});

/** Without statements: findings and tables are written, and no path is searched. */
const policiesOf = (n: number): string =>
  JSON.stringify({
    ...{ kind: 'principal', arn: arnOf(n), inline: [], attached: [], groups: [], boundary: null },
    ...{ trust: null, instanceProfiles: [] },
  } satisfies PolicyLine);

const [principalsText, bytesText, reports = 'asked'] = process.argv.slice(2);
const principals = Number(principalsText ?? 1_000);
const report = reportOf(Number(bytesText ?? 288_000));
const isCarried = reports === 'carried';
const numbers = Array.from({ length: principals }, (_, n) => n);

const { store, functions, workflow, stop } = await startEmulatedDeployment(accountOf(1), null);
const execution = { id: 'local:measure', name: 'measure', startedAt: asOf, enteredAt: asOf };
const { runId } = v.parse(PlanRunOutput, await workflow.invoke('plan-run', { execution, input: {} }));
const worklist = numbers.map((n) => {
  const asks: WorklistLine['asks'] = isCarried ? ['permissions'] : ['lastAccessed', 'permissions'];
  const noActions = { actions: [], ruledOut: 0, narrower: [], unaskable: [], group: null };
  return JSON.stringify({ arn: arnOf(n), type: 'role', asks, ...noActions } satisfies WorklistLine);
});
const { principalsPerBatch } = defaultSettings;
const batches = planBatches(
  { lineBytes: worklist.map((line) => line.length + 1) },
  { principalsPerBatch, spreadMs: 0, startAt: 0 },
);
const use = { durationMs: 0, memoryMegabytes: 0, puts: 0, gets: 0 };
const end: BatchLine = {
  ...{ kind: 'end', finished: true, resumeAt: null, stalled: 0, paused: false, heldUntil: {}, timedOut: [] },
  ...{ calls: {}, use },
};
const batchLines = function* (from: number, to: number): Generator<string> {
  for (let n = from; n < to; n += 1) {
    const principal = { arn: arnOf(n), problems: [] };
    const line = ({ kind, arn, part: own, problems }: Exclude<BatchLine, { kind: 'end' }>): string =>
      JSON.stringify({ kind, arn, part: own, problems });
    if (!isCarried) yield line({ kind: 'lastAccessed', part: report, ...principal });
    yield line({ kind: 'permissions', part: permissions, ...principal });
  }
  yield JSON.stringify(end);
};
const carriedLines = function* (): Generator<string> {
  // In the reverse order of the worklist, so that SummariseAccount must join lines at distant positions.
  for (const n of numbers.toReversed()) {
    yield JSON.stringify({ arn: arnOf(n), lastAccessed: report, permissions: null } satisfies CarriedLine);
  }
};
await store.writeLines(
  objects.inventory(runId, ACCOUNT),
  numbers.map((n) => JSON.stringify(roleOf(n))),
);
await store.writeLines(objects.worklist(runId, ACCOUNT), worklist);
await store.writeLines(objects.policies(runId, ACCOUNT), numbers.map(policiesOf));
await store.writeLines(objects.carried(runId, ACCOUNT), isCarried ? carriedLines() : []);
for (const { n, from, to } of batches)
  await store.writeLines(objects.batch(runId, ACCOUNT, n, 1), batchLines(from, to));

const input: SummariseAccountInput = {
  ...{ runId, accountId: ACCOUNT, results: [], error: null },
  inventory: { principals, batches, calls: {}, use },
};
const { status } = v.parse(SummariseAccountOutput, await workflow.invoke('summarise-account', input));
const used = workflow.use.get('summarise-account');
const peakMegabytes = used?.peakMegabytes ?? Number.NaN;
const limit = functions.get('summarise-account')?.memoryMegabytes ?? 0;
process.stdout.write(
  `${principals} principals with reports of ${JSON.stringify(report).length} bytes, ${reports}: ${batches.length} batches, ` +
    `${status}, peak ${Math.round(peakMegabytes)} MB of ${limit} MB, ${((used?.totalMs ?? 0) / 1000).toFixed(1)} s\n`,
);
await stop();
process.exitCode = peakMegabytes < limit && status === 'COMPLETE' ? 0 : 1;
