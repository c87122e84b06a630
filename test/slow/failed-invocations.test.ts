import { objects } from '../../core/contract/objects.ts';
import type { Consumption, RunSummary } from '../../core/contract/run.ts';
import { UnstoredWork } from '../../core/ports/calls/unstored-work.ts';
import type { Services } from '../../core/ports/services.ts';
import { StoreError, type ObjectStore } from '../../core/ports/store.ts';
import { planRun } from '../../core/states/plan-run.ts';
import { summariseInWords } from '../../core/report/summary.ts';
import { auditsOfTests } from '../support/audits-of-tests.ts';
import { auditableAccount, HUB, START, type VirtualAudit } from '../support/virtual-audit.ts';

jest.setTimeout(60_000);

const start = auditsOfTests();

/** Whether a write of this object is refused. The number of earlier writes of such objects is counted from 0. */
type Refusal = (key: string, earlier: number) => 'refused' | 'answerLost' | null;

/** A store that refuses some writes: before they have an effect, or after it. */
function refusing(store: ObjectStore, refusal: Refusal): ObjectStore {
  const writes = new Map<string, number>();
  async function writing<T>(key: string, write: () => Promise<T>): Promise<T> {
    const earlier = writes.get(key) ?? 0;
    writes.set(key, earlier + 1);
    const refused = refusal(key, earlier);
    if (refused === 'refused') throw new StoreError(`Can't write ${key}: InternalError.`);
    const value = await write();
    if (refused === 'answerLost') throw new StoreError(`Can't write ${key}: TimeoutError.`);
    return value;
  }
  return {
    bucket: store.bucket,
    read: (key) => store.read(key),
    exists: (key) => store.exists(key),
    list: (prefix) => store.list(prefix),
    readLines: (key, range) => store.readLines(key, range),
    readBytes: (key) => store.readBytes(key),
    writeBytes: (key, parts) => store.writeBytes(key, parts),
    write: (key, text, condition) => writing(key, () => store.write(key, text, condition)),
    writeLines: (key, lines) => writing(key, () => store.writeLines(key, lines)),
  };
}

async function audited(refusal: Refusal, services: Partial<Services> = {}) {
  // Failed invocations are repeated, so each principal may be asked about more than once.
  const run = await start({ accounts: [auditableAccount(HUB, 30)] }, { principalsPerBatch: 12 });
  const given = run.services();
  const store = refusing(given.store, refusal);
  await run.run({ accountIds: [HUB] }, undefined, { ...given, ...services, store });
  return { run, summary: await run.lastRun() };
}

/** Requests to IAM as the emulated AWS received them, and as `run.json` counts them. */
function requests({ aws }: VirtualAudit, { calls }: RunSummary): { received: object; counted: object } {
  const received: Record<string, number> = {};
  for (const [name, counter] of aws.emulation.counters) {
    const [, operation = ''] = name.split(' ');
    if (operation.startsWith('iam:')) received[operation] = counter.received;
  }
  const counted = Object.entries(calls).flatMap(([operation, { sent }]) =>
    operation.startsWith('iam:') && sent > 0 ? [[operation, sent] as const] : [],
  );
  return { received, counted: Object.fromEntries(counted) };
}

const isBatch = (key: string): boolean => key.includes('/batches/');
const isNote = (key: string): boolean => key.endsWith('/failed-invocations.json');

test.each<[string, Refusal, string]>([
  [
    'a batch that is written at the second attempt',
    (key, n) => (isBatch(key) && n === 0 ? 'refused' : null),
    'COMPLETE',
  ],
  ['a batch that is never written', (key) => (key.includes('/batches/000001') ? 'refused' : null), 'PARTIAL'],
  ['no batch is ever written', (key) => (isBatch(key) ? 'refused' : null), 'FAILED'],
  [
    'a batch that was written, although its write failed',
    (key, n) => (isBatch(key) && n === 0 ? 'answerLost' : null),
    'COMPLETE',
  ],
  [
    'an inventory that is written at the second attempt',
    (key, n) => (key.endsWith('/inventory.jsonl') && n === 0 ? 'refused' : null),
    'COMPLETE',
  ],
  ['an inventory that is never written', (key) => (key.endsWith('/inventory.jsonl') ? 'refused' : null), 'FAILED'],
  [
    'an inventory that was written, although its last write failed',
    (key) => (key.endsWith('/inventoried.json') ? 'answerLost' : null),
    'FAILED',
  ],
  [
    'records that are written at the second attempt',
    (key, n) => (key.endsWith('/principals.jsonl') && n === 0 ? 'refused' : null),
    'COMPLETE',
  ],
])('run.json counts every request to IAM: %s', async (_name, refusal, status) => {
  const { run, summary } = await audited(refusal);
  const { received, counted } = requests(run, summary);
  expect(counted).toEqual(received);
  expect(Object.keys(received).length).toBeGreaterThan(2);
  expect(summary.status).toBe(status);
});

test('while the calls of a batch can not be stored, they are kept in memory, and the next batch stores them', async () => {
  const refusal: Refusal = (key, n) => (key.includes('/batches/000001') || (isNote(key) && n < 4) ? 'refused' : null);
  const { run, summary } = await audited(refusal, { unstoredWork: new UnstoredWork() });
  const { received, counted } = requests(run, summary);
  expect(counted).toEqual(received);
  expect(run.warnings.filter((text) => text.includes('calls of a failed invocation could not be stored'))).toHaveLength(
    4,
  );
  expect(await run.store.exists(objects.failedInvocations(summary.runId, HUB))).toBe(true);
});

test('calls that can never be stored are in the summary that the same process writes, and in the words at the end', async () => {
  const refusal: Refusal = (key) => (isBatch(key) || isNote(key) ? 'refused' : null);
  const { run, summary } = await audited(refusal, { unstoredWork: new UnstoredWork() });
  const { received, counted } = requests(run, summary);
  expect(counted).toEqual(received);
  expect(await run.store.exists(objects.failedInvocations(summary.runId, HUB))).toBe(false);
  const sent = Object.values(summary.calls).reduce((sum, calls) => sum + calls.sent, 0);
  expect(summariseInWords(summary).join('\n')).toContain(sent.toLocaleString('en-US'));
});

test('the time of failed invocations is in the cost of the account', async () => {
  const consumptionWith = async (refusal: Refusal): Promise<Consumption> => {
    const { run, summary } = await audited(refusal);
    const { consumption } = await run.account(summary, HUB);
    await run.close();
    return consumption;
  };
  const fine = await consumptionWith(() => null);
  const failing = await consumptionWith((key, n) => (isBatch(key) && n === 0 ? 'refused' : null));
  // Three batches, each invoked twice.
  expect(failing.invocations).toBe(fine.invocations + 3);
  expect(failing.megabyteMs).toBeGreaterThan(fine.megabyteMs);
});

test('a second invocation of PlanRun that comes after the end of its run writes nothing', async () => {
  const run = await start({ accounts: [auditableAccount(HUB, 4)] });
  await run.run({ accountIds: [HUB] });
  const summary = await run.lastRun();
  const services = run.services();
  const written = (['write', 'writeLines'] as const).map((method) => jest.spyOn(services.store, method));
  const startedAt = new Date(START).toISOString();
  const execution = { id: 'test:execution-1', name: 'execution-1', startedAt, enteredAt: startedAt };
  const invocation = { remainingMs: () => 1e6, memoryMegabytes: 1_024, storeRequests: () => ({ puts: 0, gets: 0 }) };
  const late = planRun({ execution, input: { accountIds: [HUB] } }, services, invocation);
  await expect(late).rejects.toThrow(`Run ${summary.runId} has ended.`);
  for (const write of written) expect(write).not.toHaveBeenCalled();
});
