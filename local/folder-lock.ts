import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { StoreError } from '../core/ports/store.ts';

const RETRY_MS = 5;
/** A process holds the lock for one comparison and one rename. If a lock is older than this, its process has died. */
const STALE_MS = 10_000;
const GIVE_UP_MS = 30_000;

const alreadyExists = (error: unknown): boolean => v.is(v.object({ code: v.literal('EEXIST') }), error);

/** Runs `work` while this process holds the lock file. @throws StoreError if another process holds it for 30 s */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      break;
    } catch (error: unknown) {
      if (!alreadyExists(error)) throw error;
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

/**
 * Two processes can find the same stale lock. After the first has removed it and created its own, the second must not
 * remove that one.
 */
async function removeIfStale(path: string): Promise<void> {
  const isStale = async (file: string): Promise<boolean> =>
    stat(file).then(
      // A lock from the future is older than the time at which the clock was set back.
      ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs) > STALE_MS,
      () => false,
    );
  if (!(await isStale(path))) return;
  const aside = `${path}-${randomBytes(8).toString('hex')}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if (!(await isStale(aside))) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
