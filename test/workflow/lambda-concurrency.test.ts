import type { HandlerName } from '../../core/contract/environment.ts';
import type { InventoryAccountOutput, PlanRunOutput, SummariseAccountInput } from '../../core/contract/messages.ts';
import { executeWorkflow } from '../../local/run-workflow.ts';
import { seededRandom } from '../../local/seeded-random.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';

const START = Date.parse('2026-11-23T04:00:00Z');
const MINUTE = 60_000;
const RUN = '20261123T040000Z-abcdef';
const accountIds = Array.from({ length: 20 }, (_, n) => String(111_122_223_333 + n));

class TooManyRequests extends Error {
  override name = 'Lambda.TooManyRequestsException';
}

interface Setting {
  readonly functions: number;
  readonly accountsAtOnce: number;
  /** How long another application uses all concurrent executions from the start, in minutes. */
  readonly blockedMinutes: number;
}

/** Runs the workflow with functions that only take time. @returns accounts that lost a batch */
async function accountsThatLose(
  { functions, accountsAtOnce, blockedMinutes }: Setting,
  seed: number,
): Promise<string[]> {
  const clock = new VirtualClock(START);
  const lost: string[] = [];
  const work: Readonly<Record<HandlerName, (payload: unknown) => Promise<unknown>>> = {
    'plan-run': async () =>
      ({
        decision: 'AUDIT',
        runId: RUN,
        accountsKey: 'accounts.jsonl',
        accounts: accountIds.length,
        accountsAtOnce,
        request: { principals: null, spreadOverMinutes: 0, sliceMinutes: 0, full: false, fullSince: null },
        ofOrganization: false,
        waitUntil: null,
        refusal: null,
      }) satisfies PlanRunOutput,
    'inventory-account': async () => {
      await clock.sleep(MINUTE);
      const slotAt = new Date(START).toISOString();
      return {
        principals: 1,
        batches: [{ n: 1, from: 0, to: 1, offset: 0, length: 1, slotAt, spreadUntil: null, pauses: 0 }],
        calls: {},
        use: { durationMs: 1, memoryMegabytes: 1024, puts: 0, gets: 0 },
      } satisfies InventoryAccountOutput;
    },
    'audit-batch': async () => {
      await clock.sleep(15 * MINUTE);
      return { status: 'FINISHED', n: 1, attempts: 1 };
    },
    'summarise-account': async (payload) => {
      const { accountId, results, error } = payload as SummariseAccountInput;
      if (error !== null || results.some((result) => result.error !== undefined)) lost.push(accountId);
      return { accountId, status: 'COMPLETE' };
    },
    'organization-use': () => Promise.reject(new Error('A workflow for single accounts does not invoke it.')),
    'summarise-run': async () => ({ runId: RUN, status: 'COMPLETE', notification: null, events: [], throttled: null }),
    'name-culprits': () => Promise.reject(new Error('The workflow without the setting doctor does not invoke it.')),
    'import-findings': () => Promise.reject(new Error('The workflow without securityHub does not invoke it.')),
  };
  let running = 0;
  const { status } = await executeWorkflow(
    { name: 'run', id: 'run', input: {} },
    {
      clock,
      random: seededRandom(seed),
      publish: () => Promise.resolve(),
      putEvents: () => Promise.resolve(),
      readLines: async function* () {
        const startAt = new Date(START).toISOString();
        for (const accountId of accountIds) yield JSON.stringify({ accountId, resumeFrom: null, startAt });
      },
      invoke: async (handler, payload) => {
        const blocked = handler !== 'plan-run' && clock.now() < START + blockedMinutes * MINUTE;
        if (blocked || running >= functions) throw new TooManyRequests('Rate Exceeded.');
        running += 1;
        try {
          return await work[handler](payload);
        } finally {
          running -= 1;
        }
      },
    },
  );
  expect(status).toBe('SUCCEEDED');
  return lost;
}

test.each<[string, Setting]>([
  [
    'another application uses all concurrent executions for as long as a batch takes',
    { functions: 1_000, accountsAtOnce: 20, blockedMinutes: 15 },
  ],
  ['20 accounts are audited at once, and the quota is 10', { functions: 10, accountsAtOnce: 20, blockedMinutes: 0 }],
  [
    '20 accounts are audited at once, the quota is 10, and another application uses it first',
    { functions: 10, accountsAtOnce: 20, blockedMinutes: 7 },
  ],
])('no account loses a batch if %s', async (_name, setting) => {
  for (const seed of [1, 2, 3, 4, 5]) expect(await accountsThatLose(setting, seed)).toEqual([]);
});
