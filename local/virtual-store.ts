import type { ObjectStore } from '../core/ports/store.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * A store whose files take real time, for work in virtual time, which stands still meanwhile. It passes while a
 * writer waits for its next line: that may be asked of AWS first.
 */
export function inVirtualTime(store: ObjectStore, clock: VirtualClock): ObjectStore {
  return {
    bucket: store.bucket,
    exists: (key) => clock.track(() => store.exists(key)),
    read: (key) => clock.track(() => store.read(key)),
    write: (key, text, condition) => clock.track(() => store.write(key, text, condition)),
    readLines: (key, range) => eachStep(store.readLines(key, range), (step) => clock.track(step)),
    writeLines: (key, lines) =>
      clock.track(() => store.writeLines(key, isAsync(lines) ? eachStep(lines, (step) => clock.release(step)) : lines)),
    list: (prefix) => eachStep(store.list(prefix), (step) => clock.track(step)),
  };
}

const isAsync = <T>(lines: AsyncIterable<T> | Iterable<T>): lines is AsyncIterable<T> => Symbol.asyncIterator in lines;

type Step<T> = () => Promise<IteratorResult<T, unknown>>;

async function* eachStep<T>(
  items: AsyncIterable<T>,
  around: (step: Step<T>) => Promise<IteratorResult<T, unknown>>,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await around(() => iterator.next());
      if (done === true) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    // A step that threw has ended its iterator, too; this then does nothing.
    if (!ended && iterator.return !== undefined) {
      const end = iterator.return.bind(iterator);
      await around(() => end());
    }
  }
}

/**
 * Hashing takes real time on a thread of its own, and virtual time stands still meanwhile.
 * @returns ends it
 */
export function hashInVirtualTime(clock: VirtualClock): () => void {
  const { subtle } = globalThis.crypto;
  const digest = subtle.digest.bind(subtle);
  const tracked: typeof digest = (algorithm, data) => clock.track(() => digest(algorithm, data));
  Object.defineProperty(subtle, 'digest', { configurable: true, value: tracked });
  return () => {
    Reflect.deleteProperty(subtle, 'digest');
  };
}
