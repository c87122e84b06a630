import type { MemoryUse } from './figures.ts';

const MEGABYTE = 1 << 20;
/** Rare enough to cost a few per cent: collecting a few hundred megabytes takes some 100 ms. */
const EVERY_MS = 3_000;

/** Looks now and then at what the heap really holds: the resident memory grows with what nobody collected yet. */
export class MemoryWatch {
  readonly #before = liveBytes();
  #most = 0;
  readonly #timer = setInterval(() => {
    this.#look();
  }, EVERY_MS);

  end(): MemoryUse {
    clearInterval(this.#timer);
    this.#look();
    return {
      // Node says kilobytes on every platform.
      peak: process.resourceUsage().maxRSS / 1024,
      live: this.#most / MEGABYTE,
    };
  }

  #look(): void {
    this.#most = Math.max(this.#most, liveBytes() - this.#before);
  }
}

function liveBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Memory is measured with node --expose-gc.');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
