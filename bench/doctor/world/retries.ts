import type { Random } from '../../../core/ports/clock.ts';

/** How a client repeats throttled calls. One object for each client, because some strategies have a state. */
export interface Retries {
  /** @returns milliseconds before a retry, counted from 0; null: the client gives up */
  delayMs(retry: number, random: Random): number | null;
  /** Milliseconds that a call waits before it is sent, because the client limits its own rate. */
  holdMs?(now: number): number;
  onAnswer?(now: number, isThrottled: boolean): void;
}

const MAX_BACKOFF_MS = 20_000;

/** A random part of a delay that doubles. @param attempts with the first one */
const fullJitter = (attempts: number, baseMs: number, capMs = MAX_BACKOFF_MS): Retries => ({
  delayMs: (retry, random) => (retry >= attempts - 1 ? null : random() * Math.min(capMs, baseMs * 2 ** retry)),
});

/** Half of a delay that doubles, and a random part of the other half. */
const equalJitter = (attempts: number, baseMs: number, capMs = MAX_BACKOFF_MS): Retries => ({
  delayMs: (retry, random) =>
    retry >= attempts - 1 ? null : (0.5 + 0.5 * random()) * Math.min(capMs, baseMs * 2 ** retry),
});

const fixed = (attempts: number, ms: number): Retries => ({
  delayMs: (retry) => (retry >= attempts - 1 ? null : ms),
});

/** A job that tries for two minutes at most, so that a simulation does not fill with calls of one process. */
const UNTIL_IT_WORKS = 1_200;

/** Standard mode of AWS SDK for JavaScript v3 since @smithy/core 3.40: throttled calls have a base of one second. */
export const javascriptStandard = (): Retries => fullJitter(3, 1_000);
/** AWS SDK for JavaScript v3 before: a base of 500 ms for throttled calls. */
export const javascriptOld = (): Retries => fullJitter(3, 500);
export const botocoreLegacy = (): Retries => fullJitter(5, 1_000, 60_000);
export const botocoreStandard = (): Retries => fullJitter(3, 1_000);
/** AWS SDK for Java v2, legacy mode: four attempts, equal jitter with a base of 500 ms for throttled calls. */
export const javaLegacy = (): Retries => equalJitter(4, 500);
/** AWS SDK for Go v2: the first retry waits up to two seconds. */
export const goStandard = (): Retries => fullJitter(3, 2_000);
/** AWS SDK for Go v1 with the 25 retries of Terraform's provider: 0.5 to 1 s, doubled each time, up to five minutes. */
export const terraformRetries = (): Retries => equalJitter(26, 1_000, 300_000);
/** AWS SDK for JavaScript v2, and the legacy mode of the SDK for PHP v3: a base of 100 ms. */
export const javascriptV2 = (): Retries => fullJitter(4, 100);
export const phpLegacy = (): Retries => fullJitter(4, 100);
export const carefulHandmade = (): Retries => equalJitter(8, 400, 30_000);
export const loopOf100ms = (): Retries => fixed(UNTIL_IT_WORKS, 100);
export const immediateLoop = (): Retries => fixed(60, 0);
export const fixedSecond = (): Retries => fixed(UNTIL_IT_WORKS, 1_000);
export const fixedTwoSeconds = (): Retries => fixed(UNTIL_IT_WORKS, 2_000);
export const noRetries = (): Retries => fixed(1, 0);

/** Adaptive mode: standard mode, and a rate limit of the client's own once it was throttled, as botocore computes it. */
export const botocoreAdaptive = (): Retries => new AdaptiveRetries();

const BETA = 0.7;
const SCALE = 0.4;
const SMOOTH = 0.8;

class AdaptiveRetries implements Retries {
  readonly #standard = botocoreStandard();
  #isLimited = false;
  #fillRate = 0;
  #capacity = 0;
  #tokens = 0;
  #filledAt = 0;
  #measured = 0;
  #count = 0;
  #bucketAt = 0;
  #lastMax = 0;
  #lastThrottleAt = 0;

  delayMs(retry: number, random: Random): number | null {
    return this.#standard.delayMs(retry, random);
  }

  holdMs(now: number): number {
    if (!this.#isLimited) return 0;
    this.#fill(now / 1_000);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#fillRate) * 1_000;
  }

  onAnswer(now: number, isThrottled: boolean): void {
    const seconds = now / 1_000;
    this.#measure(seconds);
    if (isThrottled) {
      const rate = this.#isLimited ? Math.min(this.#measured, this.#fillRate) : this.#measured;
      this.#lastMax = rate;
      this.#lastThrottleAt = seconds;
      this.#isLimited = true;
      this.#setRate(rate * BETA, seconds);
    } else {
      const window = Math.cbrt((this.#lastMax * (1 - BETA)) / SCALE);
      const cubic = SCALE * (seconds - this.#lastThrottleAt - window) ** 3 + this.#lastMax;
      this.#setRate(Math.min(cubic, 2 * this.#measured), seconds);
    }
  }

  #measure(seconds: number): void {
    const bucket = Math.floor(seconds * 2) / 2;
    this.#count += 1;
    if (bucket <= this.#bucketAt) return;
    this.#measured = SMOOTH * (this.#count / (bucket - this.#bucketAt)) + (1 - SMOOTH) * this.#measured;
    this.#count = 0;
    this.#bucketAt = bucket;
  }

  #setRate(rate: number, seconds: number): void {
    this.#fill(seconds);
    this.#fillRate = Math.max(0.5, rate);
    this.#capacity = Math.max(1, rate);
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  #fill(seconds: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (seconds - this.#filledAt) * this.#fillRate);
    this.#filledAt = seconds;
  }
}
