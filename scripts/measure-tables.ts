/**
 * Measures the memory, processor time and bytes of writing the tables of an account, each number of principals in its own process:
 * `npm run measure:tables [principals …]`. Exits with 1 if the most principals need much more memory than the fewest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { PrincipalRecord } from '../core/contract/evidence.ts';
import type { Finding } from '../core/contract/finding.ts';
import { objects } from '../core/contract/objects.ts';
import { catalogue } from '../core/catalogue/catalogue.ts';
import { writeAccountTables } from '../core/tables/write-tables.ts';
import { FolderStore } from '../local/folder-store.ts';

const accountId = '111122223333';
const runId = '20261127T040000Z-abcdef';
const asOf = '2026-11-27T04:00:00.000Z';
const SERVICES = 40;
const DECISIONS = 20;
/** In megabytes: garbage that was not collected yet. */
const MOST_GROWTH = 100;

const part = { status: 'COMPLETE' as const, asOf, carriedFrom: null };

function recordOf(n: number): PrincipalRecord {
  const arn = `arn:aws:iam::${accountId}:role/team-${n % 97}/service-${n}`;
  const usedAt = (index: number): string | null =>
    (n * 31 + index * 17) % 3 === 0
      ? new Date(Date.parse(asOf) - ((n * 7 + index) % 400) * 86_400_000).toISOString()
      : null;
  return {
    ...{ accountId, arn, type: 'role', name: `service-${n}`, path: `/team-${n % 97}/`, principalId: `AROA${n}` },
    ...{
      createdAt: asOf,
      tags: { team: `team-${n % 97}`, cost: String(n) },
      managedBy: null,
      trust: [],
      lastUsedAt: null,
    },
    ...{ status: 'COMPLETE', problems: [], credentials: null },
    lastAccessed: {
      ...part,
      services: Array.from({ length: SERVICES }, (_, index) => ({
        ...{ namespace: `service${index}`, name: `Amazon Service ${index}`, lastAuthenticated: usedAt(index) },
        ...{ region: 'eu-west-1', actions: null },
      })),
    },
    permissions: {
      ...part,
      ruledOut: catalogue.length - DECISIONS,
      decisions: catalogue.slice(n % 50, (n % 50) + DECISIONS).map(({ action }) => ({
        ...{ action, decision: 'allowed', allowedByOrganizations: null, allowedByBoundary: null },
        ...{ missingContext: [], resources: [] },
      })),
    },
  };
}

const findingOf = (n: number): Finding => ({
  ...{ id: `finding-${n}`, rule: 'service-unused', severity: 'low', controls: [], accountId, state: 'open' },
  ...{
    principalArn: recordOf(n).arn,
    title: `Role service-${n} does not use 27 of 40 granted services`,
    detail: 'x'.repeat(200),
  },
  ...{ evidence: { granted: 40, never: Array.from({ length: 27 }, (_, index) => `service${index}`) } },
  ...{ firstSeen: asOf, exception: null },
});

function* lines(count: number, make: (n: number) => unknown): Generator<string> {
  for (let n = 0; n < count; n += 1) yield JSON.stringify(make(n));
}

const Measured = v.object({ seconds: v.number(), peakMegabytes: v.number() });

/** In the process that is measured: the objects are there already. */
async function write(folder: string): Promise<void> {
  await writeAccountTables(new FolderStore({ folder, durable: false }), { runId, accountId });
  const { user, system } = process.cpuUsage();
  const seconds = (user + system) / 1e6;
  process.stdout.write(JSON.stringify({ seconds, peakMegabytes: process.resourceUsage().maxRSS / 1024 }));
}

async function measure(principals: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'iam-audit-measure-'));
  try {
    const store = new FolderStore({ folder, durable: false });
    await store.writeLines(objects.principals(runId, accountId), lines(principals, recordOf));
    await store.writeLines(objects.accountFindings(runId, accountId), lines(principals, findingOf));
    // As in the function, where Node gets most of the memory. A limit shows what is needed and not what is free.
    const child = spawnSync(
      process.execPath,
      ['--max-old-space-size=200', '--import', 'tsx', fileURLToPath(import.meta.url), '--write', folder],
      { encoding: 'utf8' },
    );
    if (child.status !== 0) throw new Error(child.stderr);
    const { seconds, peakMegabytes } = v.parse(Measured, JSON.parse(child.stdout));
    const sizes: string[] = [];
    let largest = 0;
    for await (const key of store.list(objects.tables)) {
      const { size } = statSync(store.path(key));
      largest = Math.max(largest, size);
      sizes.push(`${key.split('/')[1] ?? ''} ${(size / 1e6).toFixed(1)}`);
    }
    process.stdout.write(
      `${principals} principals with ${SERVICES} services, ${DECISIONS} decisions and a finding each: peak ` +
        `${Math.round(peakMegabytes)} MB, ${seconds.toFixed(1)} s of processor time, files in MB: ${sizes.join(', ')}\n`,
    );
    if (largest >= 128e6) throw new Error('A file has more than 128 MB.');
    return peakMegabytes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--write') await write(rest[0] ?? '');
else {
  const numbers = first === undefined ? [1_000, 10_000, 100_000] : [first, ...rest].map(Number);
  const peaks: number[] = [];
  for (const principals of numbers) peaks.push(await measure(principals));
  process.exitCode = Math.max(...peaks) - (peaks[0] ?? 0) > MOST_GROWTH ? 1 : 0;
}
