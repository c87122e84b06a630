import * as v from 'valibot';

const Rung = v.object({ step: v.pipe(v.number(), v.integer()), accepted: v.number(), throttled: v.number() });

/** How calls fared at different rates, two rungs an octave. */
export const Rungs = v.array(Rung);
export type Rungs = v.InferOutput<typeof Rungs>;

export interface LadderSettings {
  /** How many seconds at the best rate one throttled call is worth avoiding. */
  readonly throttleWeight: number;
  /** Answers on a rung below which it says nothing. */
  readonly leastAnswers: number;
  /** Answers over which evidence fades to a third. */
  readonly memory: number;
}

const RUNGS_PER_OCTAVE = 2;
/** Throttles for one accepted call beyond which no rate is worth holding. */
const HOPELESS = 9;
/** How often a rate must have emptied the bucket before it is believed. */
const ROOMS = 1;

const rateOf = (step: number): number => 2 ** (step / RUNGS_PER_OCTAVE);

/**
 * Tells whether going slower helps. In a small bucket with a busy neighbour some calls are throttled at any rate, and
 * a controller that slows down after each one comes to a standstill. The ladder knows what share was throttled at
 * which rate and finds the one with the least time and throttles per accepted call; below it nothing is to be won.
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
    const step = Math.round(RUNGS_PER_OCTAVE * Math.log2(rate));
    let rung = this.#rungs.find((one) => one.step === step);
    if (rung === undefined) this.#rungs.push((rung = { step, accepted: 0, throttled: 0 }));
    if (throttled) rung.throttled += 1;
    else rung.accepted += 1;
  }

  /** The bucket is another one now: what is known is of the past. */
  clear(): void {
    this.#rungs = [];
  }

  /**
   * The rate below which going slower has not helped, calls per second; 0 where that is not known.
   * @param room what the bucket holds, in calls
   * @param measured the rate that was measured between throttles, calls per second
   */
  floor(room: number, measured: number): number {
    const { throttleWeight, leastAnswers } = this.settings;
    const known = this.#rungs
      .map(({ step, accepted, throttled }) => ({
        step,
        answers: accepted + throttled,
        goodput: (rateOf(step) * accepted) / (accepted + throttled),
        throttlesPerCall: throttled / accepted,
      }))
      .filter(({ step, answers, throttlesPerCall }) => {
        // A rate above the measured one is at first paid from what the bucket holds, and proves nothing.
        const excess = Math.max(0, 1 - measured / rateOf(step));
        return (
          answers >= leastAnswers && answers * excess >= ROOMS * room * Math.sign(excess) && throttlesPerCall < HOPELESS
        );
      });
    const reference = Math.max(...known.map(({ goodput }) => goodput));
    const cost = (rung: (typeof known)[number]): number =>
      1 / rung.goodput + (throttleWeight * rung.throttlesPerCall) / reference;
    const best = known.reduce<(typeof known)[number] | null>(
      (cheapest, rung) => (cheapest === null || cost(rung) < cost(cheapest) ? rung : cheapest),
      null,
    );
    if (best === null) return 0;
    // Only who has been slower knows that it did not help.
    const below = this.#rungs.filter(({ step }) => step < best.step);
    const answersBelow = below.reduce((sum, { accepted, throttled }) => sum + accepted + throttled, 0);
    return answersBelow < leastAnswers ? 0 : rateOf(best.step - 0.5);
  }

  snapshot(): Rungs {
    return this.#rungs.map((rung) => ({ ...rung }));
  }
}
