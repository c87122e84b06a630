import { LineChannel } from '../streams/line-channel.ts';
import type { ObjectStore } from '../ports/store.ts';

/** So many objects are filled in one pass. */
type Three<T> = readonly [T, T, T];

/** Fills objects in one pass over what they are made of; none appears unless the whole pass succeeds. */
export async function writeSideBySide(
  store: ObjectStore,
  keys: Three<string>,
  fill: (...lines: Three<LineChannel>) => Promise<void>,
): Promise<void> {
  const channels = [new LineChannel(), new LineChannel(), new LineChannel()] as const;
  const fail = (error: unknown): never => {
    const reason = error instanceof Error ? error : new Error(String(error));
    for (const channel of channels) channel.fail(reason);
    throw reason;
  };
  const filling = async (): Promise<void> => {
    await fill(...channels);
    for (const channel of channels) channel.end();
  };
  const writing = ([0, 1, 2] as const).map((n) => store.writeLines(keys[n], channels[n]).catch(fail));
  const failed = (await Promise.allSettled([...writing, filling().catch(fail)])).find(
    (result) => result.status === 'rejected',
  );
  if (failed !== undefined) throw failed.reason;
}
