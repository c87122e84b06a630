import { createHash } from 'node:crypto';
import type { ObjectStore } from '../core/ports/store.ts';
import type { VirtualClock } from './virtual-clock.ts';

/**
 * Wraps a store for use with a virtual clock. File access takes real time, so virtual time stops meanwhile. Virtual
 * time passes while a writer waits for its next line, because the line may depend on a call to AWS.
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
    readBytes: (key) => eachStep(store.readBytes(key), (step) => clock.track(step)),
    writeBytes: (key, parts) =>
      clock.track(() =>
        store.writeBytes(
          key,
          eachStep(parts, (step) => clock.release(step)),
        ),
      ),
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
    // If a step threw, its iterator has ended already, and this does nothing.
    if (!ended && iterator.return !== undefined) {
      const end = iterator.return.bind(iterator);
      await around(() => end());
    }
  }
}

/**
 * Hashes in this thread. WebCrypto hashes on another thread, which takes real time, during which virtual time would
 * have to stop; for short texts it also takes longer.
 * @returns a function that restores the original hashing
 */
export function hashInVirtualTime(clock: VirtualClock): () => void {
  const { subtle } = globalThis.crypto;
  const digest = subtle.digest.bind(subtle);
  const here: typeof digest = (algorithm, data) =>
    algorithm === 'SHA-256' ? Promise.resolve(sha256(data)) : clock.track(() => digest(algorithm, data));
  Object.defineProperty(subtle, 'digest', { configurable: true, value: here });
  return () => {
    Reflect.deleteProperty(subtle, 'digest');
  };
}

function sha256(data: BufferSource): ArrayBuffer {
  const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data;
  return Uint8Array.from(createHash('sha256').update(new Uint8Array(bytes)).digest()).buffer;
}
