import type { MemoryUse } from './figures.ts';

const MEGABYTE = 1 << 20;
const SHORTEST_MS = 2_000;
/**
 * The time between two samples is at least this many times the time of one, because garbage collection of hundreds
 * of megabytes is slow.
 */
const SAMPLE_SPACING = 50;

/**
 * Samples the heap in use after garbage collection. Resident memory alone also contains objects that are not
 * collected yet.
 */
export class MemorySampler {
  readonly #before = liveBytes();
  readonly #residentBefore = process.memoryUsage().rss;
  #most = 0;
  #timer = this.#sampleIn(SHORTEST_MS);

  end(): MemoryUse {
    clearTimeout(this.#timer);
    this.#sample();
    return {
      // Node.js gives kilobytes on every platform.
      before: this.#residentBefore / MEGABYTE,
      peak: process.resourceUsage().maxRSS / 1024,
      live: this.#most / MEGABYTE,
    };
  }

  #sampleIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const startedAt = performance.now();
      this.#sample();
      this.#timer = this.#sampleIn(Math.max(SHORTEST_MS, SAMPLE_SPACING * (performance.now() - startedAt)));
    }, ms);
  }

  #sample(): void {
    this.#most = Math.max(this.#most, liveBytes() - this.#before);
  }
}

function liveBytes(): number {
  if (globalThis.gc === undefined) throw new Error('Start Node.js with --expose-gc to measure memory.');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
