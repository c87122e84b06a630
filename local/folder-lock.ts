import { open, rm, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { StoreError } from '../core/store.ts';

const RETRY_MS = 5;
/** A lock is held for one comparison and one rename: an older one was left by a process that died. */
const STALE_MS = 10_000;
const GIVE_UP_MS = 30_000;

const isTaken = (error: unknown): boolean => v.is(v.object({ code: v.literal('EEXIST') }), error);

/** Runs `work` while this process alone holds the lock file. @throws StoreError when it can't be had in 30 s */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      break;
    } catch (error: unknown) {
      if (!isTaken(error)) throw error;
      await removeIfStale(path);
      if (performance.now() - startedAt > GIVE_UP_MS) {
        throw new StoreError(`The lock ${path} is held by another process.`, { cause: error });
      }
      await setTimeout(RETRY_MS);
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function removeIfStale(path: string): Promise<void> {
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > STALE_MS) await rm(path, { force: true });
}
