import * as v from 'valibot';

/** A bucket that refills slower than one call in ten seconds is a fault, not a limit. */
const LOWEST_RATE = 0.1;

/** What a rate controller knows. Rates are calls per second, times milliseconds since the epoch. */
export const ControllerState = v.object({
  rate: v.pipe(v.number(), v.finite(), v.minValue(LOWEST_RATE)),
  /** Estimate of the available rate; null until the first throttle. */
  est: v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** The best estimate of late: a single bad epoch does not pull the rate below a quarter of it. */
  best: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** True where an estimate from an earlier day or epoch stands behind the rate. */
  learned: v.boolean(),
  slowStart: v.boolean(),
  /** True until the first throttle of a run: the rate may have grown since the estimate was made. */
  exploring: v.optional(v.boolean(), false),
  /** When the bucket was last seen empty; accepted calls since then, over the time since then, are the available rate. */
  anchorAt: v.nullable(v.number()),
  accepted: v.number(),
  /** Calls sent at or before this belong to a congestion epoch that was answered already. */
  decreasedAt: v.nullable(v.number()),
  pauseUntil: v.number(),
  doubledAt: v.nullable(v.number()),
  updatedAt: v.number(),
});
export type ControllerState = v.InferOutput<typeof ControllerState>;

/** Decides how many calls a second go out. Pure: time comes in with every event. */
export interface RateController {
  /** Calls per second. */
  readonly rate: number;
  /** No call goes out before this time. */
  readonly pauseUntil: number;
  /** A call may go out at `now`: lets the rate grow with time. */
  advance(now: number): void;
  accepted(sentAt: number, now: number): void;
  throttled(sentAt: number, now: number): void;
  snapshot(now: number): ControllerState;
}

const FIRST_RATE = 2;
const DOUBLE_EVERY_MS = 2_000;
/** 64 calls in flight at 100 ms each: a higher rate is never used, and grows without end where nothing throttles. */
const HIGHEST_RATE = 640;
/** Fewer accepted calls between two throttles say too little of the rate. */
const SAMPLE = 10;

export function freshState(now: number): ControllerState {
  return {
    rate: FIRST_RATE,
    est: null,
    best: 0,
    learned: false,
    slowStart: true,
    exploring: true,
    anchorAt: null,
    accepted: 0,
    decreasedAt: null,
    pauseUntil: 0,
    doubledAt: now,
    updatedAt: now,
  };
}

/** A day that starts from what an earlier one learned. @param est calls per second */
export function rememberedState(est: number, share: number, now: number): ControllerState {
  return {
    ...freshState(now),
    rate: Math.max(LOWEST_RATE, share * est),
    est,
    best: est,
    learned: true,
    slowStart: false,
    doubledAt: null,
  };
}

export interface ControllerSettings {
  /** Share of the available rate that is used, from 0 to 1: 0.9, or 0.85 to be polite. */
  readonly share: number;
  /** Growth per accepted call below the estimate, as a share of it. */
  readonly growth: number;
  /** Factor by which the rate grows per accepted call beyond 1.05 times the estimate. */
  readonly beyond: number;
}

export const usualPace: ControllerSettings = { share: 0.9, growth: 2e-4, beyond: 1.005 };

/** Until a run's first throttle the limit may be anywhere above: faster, so that a doubled one is not half used all day. */
const EXPLORING = { growth: 2e-3, beyond: 1.01 };

/**
 * Finds the refill rate of a token bucket that answers only yes or no. Between two moments with an empty bucket,
 * accepted calls over time is the rate that it leaves us; the rate is set a little below it and probes upwards slowly.
 * One decrease a congestion epoch: a throttle of a call that was sent before the last decrease says nothing new.
 */
export class BucketController implements RateController {
  readonly #settings: ControllerSettings;
  #state: ControllerState;

  constructor(state: ControllerState, settings: ControllerSettings = usualPace) {
    this.#state = { ...state };
    this.#settings = settings;
  }

  get rate(): number {
    return this.#state.rate;
  }

  get pauseUntil(): number {
    return this.#state.pauseUntil;
  }

  advance(now: number): void {
    const state = this.#state;
    if (!state.slowStart || state.doubledAt === null || now - state.doubledAt < DOUBLE_EVERY_MS) return;
    // Only a rate that was used may double: an idle queue has not proved anything.
    const used = (state.accepted * 1000) / (now - state.doubledAt) >= state.rate / 2;
    if (used) state.rate = Math.min(HIGHEST_RATE, 2 * state.rate);
    state.accepted = 0;
    state.doubledAt = now;
  }

  accepted(_sentAt: number, now: number): void {
    const state = this.#state;
    state.accepted += 1;
    state.updatedAt = now;
    if (state.slowStart || state.est === null) return;
    const { growth, beyond } = state.exploring ? EXPLORING : this.#settings;
    if (state.rate < 1.05 * state.est) state.rate += growth * state.est;
    else state.rate = Math.min(HIGHEST_RATE, state.rate * beyond);
  }

  throttled(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (state.decreasedAt !== null && sentAt <= state.decreasedAt) return;
    const high = state.rate;
    if (state.anchorAt !== null && state.accepted >= SAMPLE && now > state.anchorAt) {
      this.#learn(high, now, state.anchorAt);
    } else {
      state.rate = high * (state.learned ? 0.7 : 0.5);
      if (state.anchorAt === null) {
        state.anchorAt = now;
        state.accepted = 0;
      }
      state.est = state.est === null ? state.rate / this.#settings.share : Math.min(state.est, high);
    }
    state.slowStart = false;
    state.exploring = false;
    state.doubledAt = null;
    state.rate = Math.max(LOWEST_RATE, 0.25 * state.best, state.rate);
    state.decreasedAt = now;
    state.pauseUntil = now + 5_000 / state.rate;
  }

  snapshot(now: number): ControllerState {
    return { ...this.#state, updatedAt: now };
  }

  #learn(high: number, now: number, anchorAt: number): void {
    const state = this.#state;
    const low = (state.accepted * 1000) / (now - anchorAt);
    const estimate = low >= high ? high : Math.sqrt(low * high);
    state.est = state.est === null || !state.learned ? estimate : 0.3 * state.est + 0.7 * estimate;
    state.best = Math.max(0.99 * state.best, state.est);
    state.rate = Math.max(Math.min(this.#settings.share * state.est, 0.95 * high), 0.4 * high);
    state.learned = true;
    state.anchorAt = now;
    state.accepted = 0;
  }
}
