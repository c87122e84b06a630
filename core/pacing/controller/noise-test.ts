import * as v from 'valibot';
import type { NoiseSettings } from './controller-settings.ts';

const Finite = v.pipe(v.number(), v.finite());

/** The answers since a throttle that may be noise. */
export const Trial = v.object({
  /** When the throttled call was sent. Only calls that were sent later count. */
  sentAt: Finite,
  /** Share of the calls that an empty bucket would accept at this rate. */
  acceptedShare: v.pipe(Finite, v.gtValue(0), v.ltValue(1)),
  /** Natural logarithm of the odds that the bucket is empty. */
  evidence: Finite,
  accepted: Finite,
  throttled: Finite,
});
export type Trial = v.InferOutput<typeof Trial>;

export const NoiseState = v.object({
  /** Accepted calls, and throttled calls that were noise. Earlier calls count less. */
  accepted: v.pipe(Finite, v.minValue(0)),
  throttled: v.pipe(Finite, v.minValue(0)),
  trial: v.nullable(Trial),
});
export type NoiseState = v.InferOutput<typeof NoiseState>;

export const noNoise: NoiseState = { accepted: 0, throttled: 0, trial: null };

/**
 * Noise of an earlier day. @param share of the calls, from 0 to 1. @param calls the share counts as measured over this many
 */
export const rememberedNoise = (share: number, calls: number): NoiseState => ({
  accepted: calls,
  throttled: share * calls,
  trial: null,
});

/**
 * Decides whether a throttle shows an empty bucket or is noise: a server may throttle some calls at any rate. The rate does not
 * change until later answers have decided (a sequential probability ratio test, Wald 1945): an empty bucket throttles all
 * calls above its rate, and noise throttles the same small share of calls as before.
 */
export class NoiseTest {
  readonly #state: NoiseState;

  constructor(
    state: NoiseState,
    private readonly settings: NoiseSettings,
  ) {
    this.#state = { ...state, trial: state.trial === null ? null : { ...state.trial } };
  }

  get trial(): Readonly<Trial> | null {
    return this.#state.trial;
  }

  /** Share of calls that the server throttles at any rate. */
  get share(): number {
    const { priorThrottles, priorCalls } = this.settings;
    return (this.#state.throttled + priorThrottles) / (this.#state.accepted + priorCalls);
  }

  /** Whether several throttles were noise. */
  get isNoisy(): boolean {
    return this.#state.throttled >= this.settings.throttles;
  }

  /**
   * @param sentAt when the throttled call was sent, milliseconds since the epoch
   * @param acceptedShare share of the calls that an empty bucket would accept at this rate
   * @param emptyPerCall chance per call that the bucket has become empty
   */
  start(sentAt: number, acceptedShare: number, emptyPerCall: number): void {
    const evidence = Math.log(emptyPerCall / this.share);
    this.#state.trial = { sentAt, acceptedShare, evidence, accepted: 0, throttled: 1 };
  }

  /** @returns whether the throttle is now known to be noise */
  accepted(sentAt: number): boolean {
    const state = this.#state;
    state.accepted += 1;
    if (state.accepted > this.settings.memory) {
      state.accepted /= 2;
      state.throttled /= 2;
    }
    const { trial } = state;
    if (trial === null || sentAt <= trial.sentAt) return false;
    trial.accepted += 1;
    trial.evidence += Math.log(trial.acceptedShare / (1 - this.share));
    if (trial.evidence >= this.settings.notEmpty) return false;
    state.throttled += trial.throttled;
    state.trial = null;
    return true;
  }

  /** @returns the trial, if the bucket is now known to be empty */
  throttled(sentAt: number): Trial | null {
    const { trial } = this.#state;
    if (trial === null || sentAt <= trial.sentAt) return null;
    trial.throttled += 1;
    trial.evidence += Math.log((1 - trial.acceptedShare) / this.share);
    if (trial.evidence <= this.settings.empty) return null;
    this.#state.trial = null;
    return trial;
  }

  snapshot(): NoiseState {
    return { ...this.#state, trial: this.#state.trial === null ? null : { ...this.#state.trial } };
  }
}
