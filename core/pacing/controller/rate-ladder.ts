import * as v from 'valibot';

const Rung = v.object({ step: v.pipe(v.number(), v.integer()), accepted: v.number(), throttled: v.number() });

/** Accepted and throttled calls at different rates. The rates of neighbouring rungs differ by a factor of √2. */
export const Rungs = v.array(Rung);
export type Rungs = v.InferOutput<typeof Rungs>;

export interface LadderSettings {
  /** The ladder is used only for buckets that hold this many calls or fewer. Others do not throttle calls at any rate. */
  readonly tinyContent: number;
  /** Cost of one throttled call, in accepted calls at the best rate. */
  readonly throttleWeight: number;
  /** The floor is at most this multiple of the measured rate. */
  readonly mostOfEstimate: number;
  /** A rung with fewer answers than this is not used. */
  readonly leastAnswers: number;
  /** After this many answers, the weight of an earlier answer has fallen to 37 %. */
  readonly memory: number;
}

const RUNGS_PER_DOUBLING = 2;
/** A rate with more throttles per accepted call than this is never the floor. */
const MAX_THROTTLES_PER_CALL = 9;
/** The answers at a rate above the measured one count only after this rate has emptied the bucket this many times. */
const EMPTIED_TIMES = 1;

const rateOf = (step: number): number => 2 ** (step / RUNGS_PER_DOUBLING);

/**
 * Finds the rate below which slower sending does not help. If another application uses most of a small bucket, some calls are
 * throttled at any rate. A controller that slows down after each throttle would then almost stop. The ladder counts the
 * throttled calls at each rate. It finds the rate with the lowest cost in time and throttles per accepted call.
 */
export class RateLadder {
  #rungs: Rungs;

  constructor(
    rungs: Rungs,
    private readonly settings: LadderSettings,
  ) {
    this.#rungs = rungs.map((rung) => ({ ...rung }));
  }

  record(rate: number, throttled: boolean): void {
    const kept = 1 - 1 / this.settings.memory;
    for (const rung of this.#rungs) {
      rung.accepted *= kept;
      rung.throttled *= kept;
    }
    const step = Math.round(RUNGS_PER_DOUBLING * Math.log2(rate));
    let rung = this.#rungs.find((one) => one.step === step);
    if (rung === undefined) this.#rungs.push((rung = { step, accepted: 0, throttled: 0 }));
    if (throttled) rung.throttled += 1;
    else rung.accepted += 1;
  }

  /** Called when the bucket's rate has changed: earlier answers no longer count. */
  clear(): void {
    this.#rungs = [];
  }

  /**
   * The floor, in calls per second: at lower rates there were not fewer throttles. 0 if this is unknown.
   * @param bucketContent calls that a full bucket holds
   * @param measured the rate that was measured between throttles, calls per second
   */
  floor(bucketContent: number, measured: number): number {
    const { throttleWeight, leastAnswers, tinyContent, mostOfEstimate } = this.settings;
    if (bucketContent > tinyContent) return 0;
    const usable = this.#rungs
      .map(({ step, accepted, throttled }) => ({
        step,
        answers: accepted + throttled,
        goodput: (rateOf(step) * accepted) / (accepted + throttled),
        throttlesPerCall: throttled / accepted,
      }))
      .filter(({ step, answers, throttlesPerCall }) => {
        // A rate above the measured one first uses the stored tokens of the bucket. Until they are used, its answers
        // do not count.
        const excess = Math.max(0, 1 - measured / rateOf(step));
        return (
          answers >= leastAnswers &&
          answers * excess >= EMPTIED_TIMES * bucketContent * Math.sign(excess) &&
          throttlesPerCall < MAX_THROTTLES_PER_CALL
        );
      });
    const reference = Math.max(...usable.map(({ goodput }) => goodput));
    const cost = (rung: (typeof usable)[number]): number =>
      1 / rung.goodput + (throttleWeight * rung.throttlesPerCall) / reference;
    const best = usable.reduce<(typeof usable)[number] | null>(
      (cheapest, rung) => (cheapest === null || cost(rung) < cost(cheapest) ? rung : cheapest),
      null,
    );
    if (best === null) return 0;
    // Without enough answers at lower rates, it is unknown whether a lower rate would help.
    const below = this.#rungs.filter(({ step }) => step < best.step);
    const answersBelow = below.reduce((sum, { accepted, throttled }) => sum + accepted + throttled, 0);
    if (answersBelow < leastAnswers) return 0;
    const throttledBelow = below.reduce((sum, { throttled }) => sum + throttled, 0);
    // Lower rates were throttled as often, so these throttles may be noise, and the limit may be far above. It shows at a higher rate.
    const mayBeNoise = best.throttlesPerCall <= throttledBelow / (answersBelow - throttledBelow);
    const isTriedAbove = this.#rungs.some(
      ({ step, accepted, throttled }) => step > best.step && accepted + throttled >= leastAnswers,
    );
    const step = mayBeNoise && !isTriedAbove ? best.step + 0.5 : best.step - 0.5;
    return Math.min(mostOfEstimate * measured, rateOf(step));
  }

  snapshot(): Rungs {
    return this.#rungs.map((rung) => ({ ...rung }));
  }
}
