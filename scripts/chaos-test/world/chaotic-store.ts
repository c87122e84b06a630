import type { Clock, Random } from '../../../core/ports/clock.ts';
import { PreconditionFailed, StoreError, type ObjectStore } from '../../../core/ports/store.ts';
import type { FaultLog } from './fault-log.ts';
import type { Life } from './life.ts';
import { between, type ChaosPlan } from './plan.ts';

/** A request to the store that changed an object. */
export interface ObservedWrite {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Missing for lines and bytes. */
  readonly text?: string;
}

export interface StoreState {
  readonly plan: ChaosPlan;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: FaultLog;
  /** When the day with faults began, in milliseconds since the epoch; null: there are no faults now. */
  readonly chaosSince: () => number | null;
}

type Fault = 'refused' | 'answerLost' | null;

/** A lost answer is more likely than a refusal to show a write that is not idempotent. */
const LOST_SHARE = 0.5;
/** Milliseconds of a request to S3. */
const LATENCY_MS = [5, 40] as const;

/**
 * The store as one invocation sees it, with the faults of the plan.
 * @param onWrite called for each write that had its effect
 */
export function chaoticStore(
  store: ObjectStore,
  state: StoreState,
  life: Life,
  onWrite: (write: ObservedWrite) => void,
): ObjectStore {
  const { plan, clock, random, log } = state;
  const fault = (isWrite: boolean): Fault => {
    const since = state.chaosSince();
    if (since === null || !plan.kinds.has('storeRefuses')) return null;
    const dayMs = clock.now() - since;
    const isRefused = isWrite && plan.refusals.some(({ fromMs, toMs }) => fromMs <= dayMs && dayMs < toMs);
    if (!isRefused && random() >= plan.intensity / 2) return null;
    log.add('storeRefuses');
    if (isRefused) return 'refused';
    return isWrite && random() < LOST_SHARE ? 'answerLost' : 'refused';
  };
  const latency = (): Promise<void> => clock.sleep(between(random, ...LATENCY_MS));

  async function reading<T>(key: string, read: () => Promise<T>): Promise<T> {
    await life.before();
    await latency();
    await life.alive();
    if (fault(false) !== null) throw new StoreError(`Can't read ${key}: SlowDown: Please reduce your request rate.`);
    const value = await read();
    await life.after();
    return value;
  }

  async function writing<T>(key: string, write: () => Promise<T>, text?: string, isConditional = false): Promise<T> {
    await life.before();
    await latency();
    await life.alive();
    const drawn = fault(true);
    if (drawn === 'refused')
      throw new StoreError(`Can't write ${key}: InternalError: We encountered an internal error.`);
    const value = await write();
    onWrite({ key, at: clock.now(), ...(text === undefined ? {} : { text }) });
    await latency();
    await life.after();
    if (drawn === null) return value;
    // The SDK repeats a request whose answer was lost. A condition then fails, because the first request was successful.
    if (isConditional && random() < LOST_SHARE) throw new PreconditionFailed(key);
    throw new StoreError(`Can't write ${key}: TimeoutError: The answer was lost.`);
  }

  /** Reads lines or parts. The answer may end in the middle, which the SDK reports. */
  async function* streamed<T>(key: string, items: AsyncIterable<T>): AsyncGenerator<T> {
    await reading(key, () => Promise.resolve());
    const stopsAfter = fault(false) === null ? Number.POSITIVE_INFINITY : Math.floor(random() * 20);
    let count = 0;
    for await (const item of items) {
      await life.alive();
      if (count === stopsAfter) throw new StoreError(`Can't read ${key}: ECONNRESET: aborted`);
      count += 1;
      yield item;
    }
  }

  /** The lines of a caller that dies are not written. */
  async function* whileAlive<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
    for await (const item of items) {
      await life.alive();
      yield item;
    }
    await life.alive();
  }

  return {
    bucket: store.bucket,
    read: (key) => reading(key, () => store.read(key)),
    exists: (key) => reading(key, () => store.exists(key)),
    write: (key, content, condition) =>
      writing(key, () => store.write(key, content, condition), content, condition !== undefined),
    readLines: (key, range) => streamed(key, store.readLines(key, range)),
    // A request that is refused reads none of its lines, or all of them.
    writeLines: async (key, lines) => {
      const all: string[] = [];
      for await (const line of whileAlive(lines)) all.push(line);
      return writing(key, () => store.writeLines(key, all));
    },
    readBytes: (key) => streamed(key, store.readBytes(key)),
    writeBytes: async (key, parts) => {
      const all: Uint8Array[] = [];
      for await (const part of whileAlive(parts)) all.push(part);
      const given = async function* (): AsyncGenerator<Uint8Array> {
        await Promise.resolve();
        yield* all;
      };
      return writing(key, () => store.writeBytes(key, given()));
    },
    list: (prefix) => streamed(prefix, store.list(prefix)),
  };
}
