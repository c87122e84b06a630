import { claimRun, assertClaimHeld, releaseClaim, RunInProgress, RunSuperseded } from '../../../core/run/claim.ts';
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
