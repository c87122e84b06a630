import { claimRun, assertClaimHeld, releaseClaim, RunInProgress, RunSuperseded } from '../../../core/run/claim.ts';
import { PreconditionFailed } from '../../../core/ports/store.ts';
import { objects } from '../../../core/contract/objects.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder('claim');
});

const first = { execution: 'e1', runId: '20261123T040000Z-aaaaaa', scheduledDay: '2026-11-23' };
const second = { execution: 'e2', runId: '20261123T050000Z-bbbbbb', scheduledDay: null };
const running = (value: boolean) => ({ isRunning: async () => value });

test('a second run is refused while the first is running, and takes over the claim after the first has ended', async () => {
  const store = new FolderStore({ folder });
  await claimRun(store, first, running(true));
  await expect(claimRun(store, second, running(true))).rejects.toBeInstanceOf(RunInProgress);
  expect(await claimRun(store, second, running(false))).toEqual({ kind: 'claimed', interrupted: first.runId });
  await expect(assertClaimHeld(store, first.runId)).rejects.toBeInstanceOf(RunSuperseded);
});

test('of two runs that take over the claim of an ended run at once, one gets it', async () => {
  const store = new FolderStore({ folder });
  await claimRun(store, first, running(true));
  const third = { execution: 'e3', runId: '20261123T060000Z-cccccc', scheduledDay: null };
  const duringThat = {
    isRunning: async () => {
      await claimRun(store, third, running(false));
      return false;
    },
  };
  await expect(claimRun(store, second, duringThat)).rejects.toBeInstanceOf(PreconditionFailed);
  await expect(assertClaimHeld(store, third.runId)).resolves.toBeUndefined();
});

test('a retry of the same execution keeps the claim', async () => {
  const store = new FolderStore({ folder });
  await claimRun(store, first, running(true));
  expect(await claimRun(store, first, running(true))).toEqual({ kind: 'claimed', interrupted: null });
});

test('a scheduled day runs only once, even after its claim was released', async () => {
  const store = new FolderStore({ folder });
  await claimRun(store, first, running(true));
  await releaseClaim(store, first.runId);
  const again = { ...first, execution: 'e3', runId: '20261123T060000Z-cccccc' };
  expect(await claimRun(store, again, running(false))).toEqual({ kind: 'dayTaken', day: '2026-11-23' });
  expect(await claimRun(store, second, running(false))).toEqual({ kind: 'claimed', interrupted: null });
});

describe('a damaged claim', () => {
  const damagedAfter = async (status: string | null, context: object | null): Promise<FolderStore> => {
    const store = new FolderStore({ folder });
    await claimRun(store, first, running(true));
    if (status !== null) await store.write(objects.run(first.runId), JSON.stringify(runOf(status)));
    if (context !== null) await store.write(objects.runContext(first.runId), JSON.stringify(context));
    await store.write(objects.claim, '{"execution":"e');
    return store;
  };
  const context = {
    schemaVersion: 1,
    startedAt: '2026-11-23T04:00:00Z',
    execution: first.execution,
    principals: 'all',
    organizationId: null,
    memberGroups: null,
  };
  const runOf = (status: string) => ({
    schemaVersion: 1,
    runId: first.runId,
    startedAt: '2026-11-23T04:00:00Z',
    finishedAt: null,
    status,
    scope: { accounts: 'all', principals: 'all' },
    accounts: [],
    principals: { total: 0, complete: 0, partial: 0, failed: 0, carriedForward: 0 },
    calls: {},
    cost: { stepFunctions: 0, lambda: 0, total: 0 },
  });

  test('is replaced, with a warning, if the newest run has ended', async () => {
    const store = await damagedAfter('COMPLETE', context);
    const warnings: string[] = [];
    const claimed = await claimRun(store, second, running(true), (warning) => warnings.push(warning));
    expect(claimed).toEqual({ kind: 'claimed', interrupted: null });
    expect(warnings).toEqual([expect.stringContaining("state/claim.json can't be used: it ends too early.") as string]);
    await assertClaimHeld(store, second.runId);
  });

  test('is replaced if the execution of the newest run has ended without an end: that run was interrupted', async () => {
    const store = await damagedAfter('RUNNING', context);
    const claimed = await claimRun(store, second, running(false));
    expect(claimed).toEqual({ kind: 'claimed', interrupted: first.runId });
  });

  test.each([
    ['is running', 'RUNNING', context],
    ['is being planned', null, context],
    ['does not name its execution', 'RUNNING', { ...context, execution: undefined }],
    ['has objects that can’t be read', 'UNKNOWN', null],
  ])('is not replaced if the newest run %s', async (_, status, stored) => {
    const store = await damagedAfter(status, stored);
    const asked: string[] = [];
    const executions = { isRunning: (execution: string) => Promise.resolve(asked.push(execution) > 0) };
    const failed: unknown = await claimRun(store, second, executions).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(RunInProgress);
    expect((failed as Error).message).toMatch(
      new RegExp(`Run ${first.runId} is still in progress|delete state/claim.json`),
    );
    expect(asked.every((execution) => execution === first.execution)).toBe(true);
    await expect(assertClaimHeld(store, second.runId)).rejects.toThrow('state/claim.json');
  });
});
