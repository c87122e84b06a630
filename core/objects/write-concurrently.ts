import { LineChannel } from '../streams/line-channel.ts';
import type { ObjectStore } from '../ports/store.ts';

type Three<T> = readonly [T, T, T];

/** Writes three objects in one pass. No object appears unless `fill` succeeds. */
export async function writeConcurrently<Result>(
  store: ObjectStore,
  keys: Three<string>,
  fill: (...lines: Three<LineChannel>) => Promise<Result>,
): Promise<Result> {
  const channels = [new LineChannel(), new LineChannel(), new LineChannel()] as const;
  const fail = (error: unknown): never => {
    const reason = errorOf(error);
    for (const channel of channels) channel.fail(reason);
    throw reason;
  };
  const filling = async (): Promise<Result> => {
    const result = await fill(...channels);
    for (const channel of channels) channel.end();
    return result;
  };
  const writing = ([0, 1, 2] as const).map((n) => store.writeLines(keys[n], channels[n]).catch(fail));
  const filled = filling().catch(fail);
  const failed = (await Promise.allSettled([...writing, filled])).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return filled;
}

/** Writes one object while `fill` runs. The object appears only if `fill` succeeds. */
export async function writeWhile<Result>(
  store: ObjectStore,
  key: string,
  fill: (lines: LineChannel) => Promise<Result>,
): Promise<Result> {
  const channel = new LineChannel();
  // An early failure of the write must not be an unhandled rejection while `fill` still runs.
  const written = store.writeLines(key, channel).then(
    () => null,
    (error: unknown) => {
      const failure = errorOf(error);
      // If the write failed before it read a line, only this call makes `fill` fail.
      channel.fail(failure);
      return failure;
    },
  );
  try {
    const result = await fill(channel);
    channel.end();
    const failure = await written;
    if (failure !== null) throw failure;
    return result;
  } catch (error: unknown) {
    channel.fail(errorOf(error));
    // The error of the write is more useful than that of `fill`, which says only that nothing reads the lines.
    throw (await written) ?? error;
  }
}

const errorOf = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
