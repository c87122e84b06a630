import { localAccounts } from '../../core/ports/services.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { SdkAccountAccess } from '../../aws/account-access.ts';
import { DAY_MS } from '../../core/ports/clock.ts';
import { defaultSettings } from '../../core/contract/environment.ts';
import { PrincipalRecord } from '../../core/contract/evidence.ts';
import { objects } from '../../core/contract/objects.ts';
import { readRun } from '../../core/objects/stored-runs.ts';
import type { ObjectStore } from '../../core/ports/store.ts';
import { Emulation } from '../../local/emulated-aws/emulation.ts';
import { addAuditRole, AUDIT_ROLE, generateAccount, OPERATOR } from '../../local/emulated-aws/generate/account.ts';
import { inProcess } from '../../local/emulated-aws/in-process.ts';
import { FolderStore } from '../../local/folder-store.ts';
import { runWorkflow } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { hashInVirtualTime, inVirtualTime } from '../../local/virtual-store.ts';
import { AccountActivity, type Shares } from './account-activity.ts';
import { differences } from './record-differences.ts';

const ACCOUNT = '111122223333';
const START = Date.parse('2026-11-23T04:00:00Z');

/** The three operations that a full audit calls once for each principal. */
export const PACED = [
  'GenerateServiceLastAccessedDetails',
  'GetServiceLastAccessedDetails',
  'SimulatePrincipalPolicy',
] as const;
export type PacedOperation = (typeof PACED)[number];

export interface Day {
  /** Counts from 1. */
  readonly day: number;
  readonly status: string;
  readonly principals: number;
  readonly complete: number;
  readonly carriedForward: number;
  /** Requests that the emulated AWS received, including throttled ones. */
  readonly received: Readonly<Record<PacedOperation, number>>;
  readonly differences: readonly string[];
}

export interface AuditDaysOptions {
  readonly principals: number;
  readonly days: number;
  readonly seed: number;
  readonly shares: Shares;
  readonly refreshIdleEveryDays: number;
}

/**
 * Audits an account day after day in virtual time, with the product's workflow definition, handlers and SDK clients.
 */
export async function* auditDays(options: AuditDaysOptions): AsyncGenerator<Day> {
  const { principals, days, seed, shares, refreshIdleEveryDays } = options;
  const settings = { ...defaultSettings, refreshIdleEveryDays, ...localAccounts };
  const clock = new VirtualClock(START);
  const users = Math.floor(principals * 0.3);
  const account = generateAccount({ seed, accountId: ACCOUNT, users, roles: principals - users - 1, now: START });
  addAuditRole(account, ACCOUNT, START);
  const activity = new AccountActivity(account, seededRandom(seed + 17), shares);
  const emulation = new Emulation({
    accounts: [account],
    clock,
    random: seededRandom(seed),
    limit: { rate: 10, size: 50 },
    latencyMs: [80, 300],
  });
  const folder = await mkdtemp(join(tmpdir(), 'iam-audit-calls-'));
  const store = inVirtualTime(new FolderStore({ folder }), clock);
  const endHashing = hashInVirtualTime(clock);
  const credentials = emulation.issueUser(ACCOUNT, OPERATOR);
  const received = (): Record<PacedOperation, number> => {
    const count = (operation: PacedOperation): number =>
      emulation.counters.get(`${ACCOUNT} iam:${operation}`)?.received ?? 0;
    const [ask, read, simulate] = PACED;
    return { [ask]: count(ask), [read]: count(read), [simulate]: count(simulate) };
  };
  try {
    for (let day = 1; day <= days; day += 1) {
      // A schedule with a flexible window does not start every day at the same minute.
      await clock.sleep(START + (day - 1) * DAY_MS + ((day * 7) % 15) * 60_000 - clock.now());
      if (day > 1) activity.simulateDay(clock.now());
      const before = received();
      const { runId } = await runWorkflow({
        name: `day-${day}`,
        id: `bench:calls-${day}`,
        input: { accountIds: [ACCOUNT] },
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
      });
      const run = await readRun(store, runId);
      if (run === null) throw new Error(`Day ${day} wrote no run.json.`);
      const after = received();
      const [ask, read, simulate] = PACED;
      yield {
        day,
        status: run.status,
        principals: run.principals.total,
        complete: run.principals.complete,
        carriedForward: run.principals.carriedForward,
        received: {
          [ask]: after[ask] - before[ask],
          [read]: after[read] - before[read],
          [simulate]: after[simulate] - before[simulate],
        },
        differences: differences(
          await recordsOf(store, runId),
          account,
          activity,
          clock.now(),
          settings.refreshEveryDays,
        ),
      };
    }
  } finally {
    endHashing();
    await rm(folder, { recursive: true, force: true });
  }
}

async function recordsOf(store: ObjectStore, runId: string): Promise<PrincipalRecord[]> {
  const records: PrincipalRecord[] = [];
  for await (const line of store.readLines(objects.principals(runId, ACCOUNT))) {
    records.push(v.parse(PrincipalRecord, JSON.parse(line)));
  }
  return records;
}
