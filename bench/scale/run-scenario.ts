import { localAccounts } from '../../core/ports/services.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { defaultSettings } from '../../core/contract/environment.ts';
import type { RunSummary } from '../../core/contract/run.ts';
import { readRun } from '../../core/objects/stored-runs.ts';
import { Emulation } from '../../local/emulated-aws/emulation.ts';
import { AUDIT_ROLE, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { runWorkflow } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { hashInVirtualTime, inVirtualTime } from '../../local/virtual-store.ts';
import { BatchTimes } from './batch-times.ts';
import type { Figures, OperationFigures } from './figures.ts';
import { accountIdOf, GeneratedAccounts, HUB } from './generated-accounts.ts';
import { MemorySampler } from './memory-sampler.ts';
import { LIMIT, type Scenario } from './scenarios.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
/** 5th and 95th percentile of the time until an answer, in milliseconds. */
const LATENCY_MS = [80, 300] as const;

/**
 * Runs the whole workflow in virtual time: the product's definition, handlers and SDK clients, emulated IAM and STS,
 * and files.
 */
export async function runScenario(scenario: Scenario, seed: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'iam-audit-scale-'));
  try {
    return (await runVirtualAudit(scenario, seed, folder)).figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same, and the run's objects in a folder. */
export async function runVirtualAudit(
  scenario: Scenario,
  seed: number,
  folder: string,
): Promise<{ readonly figures: Figures; readonly run: RunSummary; readonly store: FolderStore }> {
  const clock = new VirtualClock(START);
  const { limit = LIMIT } = scenario;
  const settings = { ...defaultSettings, ...localAccounts };
  // The accounts that are audited at the same time, and the caller's own account.
  const kept = settings.accountsAtOnce + 1;
  const accounts = new GeneratedAccounts({ ...scenario, seed, kept, now: START });
  const emulation = new Emulation({
    accounts,
    clock,
    random: seededRandom(seed),
    limit,
    charge: scenario.organization ?? 'member',
    latencyMs: LATENCY_MS,
  });
  const files = new FolderStore({ folder });
  const store = inVirtualTime(files, clock);
  const endHashing = hashInVirtualTime(clock);
  const credentials = emulation.issueUser(HUB, OPERATOR);
  const batches = new BatchTimes(clock);
  // Generated before memory is measured, because the emulated accounts are not part of the product.
  const accountIds = Array.from({ length: scenario.accounts }, (_, n) => accountIdOf(n));
  for (const accountId of accountIds.slice(0, kept)) accounts.get(accountId);
  const memory = new MemorySampler();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  try {
    const result = await runWorkflow({
      name: scenario.name,
      id: `bench:${scenario.name}`,
      input: { accountIds },
      services: {
        store,
        clock,
        random: seededRandom(seed + 1_000_003),
        access: new SdkAccountAccess(
          {
            credentials: () => Promise.resolve(credentials),
            memberRole: { roleName: AUDIT_ROLE, externalId: null },
            region: 'us-east-1',
            endpoint: 'http://emulated.invalid',
            ...inProcess(emulation, clock),
          },
          clock,
        ),
        executions: { isRunning: () => Promise.resolve(false) },
        settings,
        warn: (message) => {
          process.stderr.write(`${message}\n`);
        },
      },
      onEvent: (event) => {
        batches.event(event);
      },
    });
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    const megabytes = memory.end();
    const run = await readRun(store, result.runId);
    if (run === null) throw new Error(`The run wrote no run.json: ${JSON.stringify(result)}`);
    const figures: Figures = {
      name: scenario.name,
      accounts: run.accounts.length,
      principals: run.principals.total,
      complete: run.principals.complete,
      status: run.status,
      wallSeconds,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      megabytes,
      transitions: result.transitions,
      dollars: run.cost.total,
      runSeconds: (clock.now() - START) / 1000,
      batchesSeconds: batches.seconds(),
      operations: operationsOf(emulation, limit),
      organizationSeconds: organizationSeconds(emulation, scenario, limit, settings.accountsAtOnce),
    };
    return { figures, run, store: files };
  } finally {
    endHashing();
  }
}

/**
 * Seconds that the buckets need. If the members pay, the accounts that are audited at once use their buckets at the same
 * time. If the hub pays, all calls to an operation use one bucket.
 */
function organizationSeconds(
  { counters }: Emulation,
  { organization }: Scenario,
  { rate, size }: Limit,
  accountsAtOnce: number,
): number | null {
  if (organization === undefined) return null;
  const accepted = new Map<string, number>();
  for (const [key, { received, throttled }] of counters) {
    const [accountId = '', operation = ''] = key.split(' ');
    if (!operation.startsWith('iam:')) continue;
    const bucket = organization === 'caller' ? operation : accountId;
    const before = accepted.get(bucket) ?? 0;
    const served = received - throttled;
    accepted.set(bucket, organization === 'caller' ? before + served : Math.max(before, served));
  }
  const seconds = [...accepted.values()].map((calls) => Math.max(0, calls - size) / rate);
  return organization === 'caller' ? Math.max(...seconds) : seconds.reduce((sum, one) => sum + one, 0) / accountsAtOnce;
}

function operationsOf(emulation: Emulation, limit: Limit): OperationFigures[] {
  const largest = new Map<string, OperationFigures>();
  for (const [key, { received, throttled }] of emulation.counters) {
    const operation = key.slice(key.indexOf(' ') + 1);
    if (!operation.startsWith('iam:') || received <= (largest.get(operation)?.sent ?? 0)) continue;
    const limitSeconds = Math.max(0, received - throttled - limit.size) / limit.rate;
    largest.set(operation, { operation, sent: received, throttled, limitSeconds });
  }
  return [...largest.values()];
}
