import type { MemoryUse } from './figures.ts';

const MEGABYTE = 1 << 20;
const SHORTEST_MS = 2_000;
/** Between two looks at least so many times the time that one takes: collecting hundreds of megabytes takes long. */
const REST = 50;

/** Looks now and then at what the heap really holds: the resident memory grows with what nobody collected yet. */
export class MemorySampler {
  readonly #before = liveBytes();
  readonly #residentBefore = process.memoryUsage().rss;
  #most = 0;
  #timer = this.#lookIn(SHORTEST_MS);

  end(): MemoryUse {
    clearTimeout(this.#timer);
    this.#look();
    return {
      // Node says kilobytes on every platform.
      before: this.#residentBefore / MEGABYTE,
      peak: process.resourceUsage().maxRSS / 1024,
      live: this.#most / MEGABYTE,
    };
  }

  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const startedAt = performance.now();
      this.#look();
      this.#timer = this.#lookIn(Math.max(SHORTEST_MS, REST * (performance.now() - startedAt)));
    }, ms);
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
