import { gzipSync } from 'node:zlib';
import { seededRandom } from '../../../local/seeded-random.ts';
import type { VirtualClock } from '../../../local/virtual-clock.ts';
import { hashInVirtualTime } from '../../../local/virtual-store.ts';

/** Compresses in this thread, after the last part. */
class CompressionInThread extends TransformStream<Uint8Array, Uint8Array> {
  constructor() {
    const parts: Uint8Array[] = [];
    super({
      transform: (part) => {
        parts.push(part);
      },
      flush: (controller) => {
        controller.enqueue(gzipSync(Buffer.concat(parts), { level: 1 }));
      },
    });
  }
}

/**
 * Lets a seed always have the same order of events. What takes real time is replaced: SDK clients wait one turn of the event
 * loop between two attempts and draw from the seed, and compression and hashing happen in this thread.
 * @returns a function that restores what was replaced
 */
export function inTheSameOrder(seed: number, clock: VirtualClock): () => void {
  const endHashing = hashInVirtualTime(clock);
  const undo = [
    replace(globalThis, 'setTimeout', (callback: () => void) => setImmediate(callback)),
    replace(globalThis, 'CompressionStream', CompressionInThread),
    replace(Math, 'random', seededRandom(seed)),
  ];
  return () => {
    endHashing();
    for (const restore of undo) restore();
  };
}

function replace(owner: object, name: string, value: unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { configurable: true, writable: true, value });
  return () => {
    if (original !== undefined) Object.defineProperty(owner, name, original);
  };
}
