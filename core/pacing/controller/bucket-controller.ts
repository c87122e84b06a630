import { AdditivePace } from './additive-pace.ts';
import { defaultSettings } from '../../contract/environment.ts';
import { boundedRate } from './bounded-rate.ts';
import { contentFromRamp, measure } from './bucket-measurement.ts';
import { Climb } from './climb.ts';
import { defaultPacing, type ControllerSettings } from './controller-settings.ts';
import { learnedRate, type ControllerState } from './controller-state.ts';
import { NoiseTest } from './noise-test.ts';
import { PaceUtilization } from './pace-utilization.ts';
import { plateauLength, plateauPosition } from './plateau.ts';
import { RampEnd } from './ramp-end.ts';
import type { RateController, WaitedFor } from './rate-controller.ts';
import type { RateEstimate } from './rate-estimate.ts';
import { RateLadder } from './rate-ladder.ts';
import { Slowdown } from './slowdown.ts';
import { ABOVE_ESTIMATE, earlyThrottle, testTerms, type TestTerms } from './throttle-terms.ts';

/** A call that is late by less than this was delayed only by timers and a busy process. */
const LATE_MS = 100;
/** A queue that waits for its pace checks the rate at least this often, so a call may be sent this much too late. */
const LATE_PACE_MS = 1_200;
/**
 * After this time without work the rate is reset: the bucket is full again, but that does not mean that its rate is
 * higher.
 */
const IDLE_RESET_MS = 10_000;
/** The rate grows only while at least this share of it is used, because a rate that is not used is not tested. */
const MOSTLY_USED = 0.9;
/** An estimate with less doubt than this was measured, so the bucket's content can be computed from it. */
const MEASURED_DOUBT = 0.1;
/** If the estimate has less doubt than this, the pause after a throttle has its full length. */
const CERTAIN_DOUBT = 0.3;

/** Only the time since a slowdown is measured if this many calls or more were accepted in that time. */
const RESUMED_CALLS = 40;

/** The share of noise is uncertain before this many calls. */
const FEW_CALLS = 20;

/** What an interval between two throttles showed: nothing, about the same rate, or another rate. */
type IntervalResult = 'nothing' | 'same' | 'changed';

/**
 * Finds the rate of a token bucket, and keeps the rate of the audit's calls just below it. The only evidence is whether
 * calls are accepted or throttled.
 * Each throttle shows that the bucket is empty, unless the throttle is noise: a server may throttle some calls at any rate.
 * Between two throttles, the accepted calls divided by the time are the rate that the bucket leaves for the audit.
 * docs/pacing.md explains the method, and what each of its parts improves.
 */
export class BucketController implements RateController {
  readonly #settings: ControllerSettings;
  readonly #ladder: RateLadder;
  readonly #noise: NoiseTest;
  readonly #rampEnd: RampEnd;
  readonly #slowdown: Slowdown;
  readonly #climb: Climb;
  readonly #additive: AdditivePace;
  #state: ControllerState;
  readonly #utilization = new PaceUtilization();

  constructor(state: ControllerState, settings: ControllerSettings = defaultPacing) {
    this.#state = { ...state, ramp: state.ramp === null ? null : { ...state.ramp } };
    this.#settings = settings;
    this.#ladder = new RateLadder(state.rungs, settings.ladder);
    this.#noise = new NoiseTest(state.noise, settings.noise);
    this.#rampEnd = new RampEnd(state.rampEnd, settings.ramp);
    this.#slowdown = new Slowdown(state.slowdown, settings.slowdown);
    this.#climb = new Climb(state.climb, settings.climb);
    this.#additive = new AdditivePace(state.additive, settings.additive);
  }

  get rate(): number {
    return this.#additive.rate ?? this.#state.rate;
  }

  get pauseUntil(): number {
    return this.#state.pauseUntil;
  }

  get isInRamp(): boolean {
    return this.#state.ramp !== null;
  }

  /** When the rate last decreased, milliseconds since the epoch. Null before that. */
  get decreasedAt(): number | null {
    return this.#state.decreasedAt;
  }

  /** The rate that another day should start from. Null if no rate was learned. */
  get learned(): number | null {
    return learnedRate(this.#state);
  }

  /** Share of the calls that the server throttles at any rate: noise. */
  get noise(): number {
    return this.#noise.share;
  }

  advance(now: number): void {
    const state = this.#state;
    if (this.#lateMs(now) > IDLE_RESET_MS) this.#resetAfterIdleTime();
    const { ramp } = state;
    if (ramp === null) return;
    const stepMs = now - (ramp.steppedAt ?? now);
    // Only a rate that is used may grow. An idle queue does not show that the bucket allows more.
    if (this.#isRateLimiting && !this.#isLate(now) && this.#noise.trial === null) {
      // Far above the remembered rate, nothing is known about the bucket. So the rate grows as fast as on a first day.
      const { firstDoubleMs } = this.#settings.ramp;
      const doubleMs = state.rate > 2 * ramp.from ? Math.min(firstDoubleMs, ramp.doubleMs) : ramp.doubleMs;
      state.rate = boundedRate(state.rate * 2 ** (stepMs / doubleMs));
    }
    ramp.steppedAt = now;
  }

  sent(now: number, waitedFor: WaitedFor): void {
    const isLate = this.#isLate(now);
    const lateMs = this.#lateMs(now);
    this.#state.startedAt ??= now;
    // A queue that waits for its pace or for slow answers has calls to send, so it uses the whole rate.
    const hadNoWork = waitedFor === 'work' || (waitedFor === 'pace' && lateMs > LATE_PACE_MS);
    if (isLate && hadNoWork) this.#state.idled = true;
    const onTime = waitedFor === 'pace' && !isLate;
    this.#utilization.sent(onTime ? 0 : (Math.max(0, lateMs) * this.rate) / 1000);
    this.#state.sentAt = now;
  }

  /** Whether the rate, and not a lack of work, limits how many calls are sent. */
  get #isRateLimiting(): boolean {
    return this.#utilization.shareWhileBusy >= MOSTLY_USED;
  }

  /** The rate at which calls are actually sent, without pauses. An answer is evidence only about this rate. */
  get #usedRate(): number {
    return boundedRate(this.#utilization.share * this.#state.rate);
  }

  /** Whether this rate would have allowed the call much earlier. Then something other than the rate limits the queue. */
  #isLate(now: number): boolean {
    return this.#lateMs(now) > Math.max(LATE_MS, 500 / this.rate);
  }

  #lateMs(now: number): number {
    const { sentAt, pauseUntil } = this.#state;
    return sentAt === null ? 0 : now - Math.max(sentAt + 1000 / this.rate, pauseUntil);
  }

  /** The rate may be above the estimate when the work ends. After idle time it starts again below the estimate. */
  #resetAfterIdleTime(): void {
    const state = this.#state;
    if (state.ramp !== null) {
      state.rate = state.ramp.from;
    } else {
      state.risen = Math.min(state.risen, this.#plateauLength());
      this.#climb.end();
      this.#setRate();
    }
  }

  accepted(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (this.#additive.rate !== null) {
      const left = this.#additive.accepted(now, this.#isRateLimiting);
      if (left !== null) this.#returnToModel(left, now);
      return;
    }
    if (this.#noise.accepted(sentAt)) {
      if (this.#isTooNoisy && state.ramp === null) {
        this.#leaveModel(now);
        return;
      }
      if (state.ramp !== null) state.ramp.noise += 1;
      else state.risen = Math.max(state.risen, this.#settings.noise.plateauPosition * this.#plateauLength());
    }
    this.#answeredAfterRamp(sentAt, true, now);
    if (state.ramp !== null) {
      state.rampAccepted += 1;
      return;
    }
    this.#ladder.record(this.#usedRate, false);
    state.accepted += 1;
    state.early *= this.#settings.additive.earlyKept;
    state.before = null;
    if (state.decreasedAt !== null && sentAt <= state.decreasedAt) return;
    const seconds = Math.max(0, now - state.grewAt) / 1000;
    state.grewAt = now;
    const wasSlow = !this.#slowdown.isOver;
    if (this.#slowdown.accepted(seconds)) state.resumed = { at: now, accepted: state.accepted };
    this.#grow(Math.min(1, seconds));
    if (this.#isRateLimiting) {
      if (this.#noise.trial === null) state.risen += 1;
    } else if (!wasSlow) {
      return;
    }
    this.#setRate();
  }

  #grow(seconds: number): void {
    const state = this.#state;
    const { estimate, rate } = state;
    if (estimate === null || !this.#slowdown.isOver || !this.#isRateLimiting || this.#noise.trial !== null) return;
    const confirmed = this.#climb.grow(
      seconds,
      this.#plateauPosition(),
      rate,
      estimate.perSecond,
      this.#bucketContent(),
    );
    if (confirmed === null) return;
    state.estimate = confirmed;
    // The bucket was not empty during the climb.
    state.idled = true;
    state.risen = 0;
    this.#ladder.clear();
  }

  throttled(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (this.#additive.rate !== null) {
      if (state.decreasedAt !== null && sentAt <= state.decreasedAt) return;
      state.decreasedAt = now;
      const left = this.#additive.throttled(now);
      if (left !== null) this.#returnToModel(left, now);
      return;
    }
    if (state.ramp === null) this.#ladder.record(this.#usedRate, true);
    // The rate decreases once for all calls that were in flight together, as in TCP congestion control.
    if (state.decreasedAt !== null && sentAt <= state.decreasedAt) {
      this.#answeredAfterRamp(sentAt, false, now);
      return;
    }
    this.#rampEnd.end();
    if (this.#noise.trial === null) {
      const context = { noise: this.#noise, isSlowedDown: !this.#slowdown.isOver };
      const terms = testTerms(state, context, now, this.#settings);
      if (terms === null) this.#decrease(now);
      else this.#startTrial(sentAt, terms, now);
      return;
    }
    const rampRate = state.ramp === null ? null : state.rate;
    const trial = this.#noise.throttled(sentAt);
    if (trial === null) return;
    this.#decrease(now);
    if (rampRate === null) return;
    this.#rampEnd.start(rampRate, trial);
    this.#estimateFromRampEnd(now);
  }

  snapshot(now: number): ControllerState {
    return {
      ...this.#state,
      rungs: this.#ladder.snapshot(),
      noise: this.#noise.snapshot(),
      rampEnd: this.#rampEnd.snapshot(),
      slowdown: this.#slowdown.snapshot(),
      climb: this.#climb.snapshot(),
      additive: this.#additive.snapshot(),
      updatedAt: now,
    };
  }

  #startTrial(sentAt: number, { acceptedShare, emptyPerCall }: TestTerms, now: number): void {
    const state = this.#state;
    const { stopAnswers, stopLatencies } = this.#settings.ramp;
    const latencyMs = now - sentAt;
    // No new call is sent until the answers of the calls in flight decide the test, so that no further call is throttled.
    if (state.ramp !== null && (state.rate * latencyMs) / 1000 >= stopAnswers) {
      state.pauseUntil = Math.max(state.pauseUntil, now + stopLatencies * latencyMs);
    }
    this.#noise.start(sentAt, acceptedShare, emptyPerCall);
  }

  /** Called when the bucket is empty. */
  #decrease(now: number): void {
    const state = this.#state;
    const before = state.ramp === null ? state.estimate : null;
    const isAbove = before !== null && state.rate > ABOVE_ESTIMATE * before.perSecond && this.#slowdown.isOver;
    const early = earlyThrottle(state, now, this.#settings);
    const kind = state.ramp === null ? this.#measure(now) : this.#endRamp(state.ramp, now);
    if (kind === 'nothing') this.#withdraw();
    const { estimate } = state;
    if (estimate === null) return;
    if (isAbove) state.quietDecreases = 0;
    else if (kind !== 'nothing') state.quietDecreases += 1;
    this.#slowdown.interrupt();
    state.decreasedAt = now;
    state.grewAt = now;
    this.#climb.end();
    if (kind === 'nothing') this.#noteGuess(estimate);
    this.#climb.throttled(now, before, estimate, isAbove);
    if (kind === 'nothing') this.#slowdown.halve(estimate.perSecond);
    else state.risen *= kind === 'same' && !isAbove ? this.#settings.plateau.kept : 0;
    state.floor = this.#ladder.floor(this.#bucketContent(), estimate.perSecond);
    this.#setRate();
    state.pauseUntil = now + this.#pauseMs(kind !== 'nothing', estimate);
    if (kind === 'nothing') state.early += early;
    const { fall, early: mostEarly } = this.#settings.additive;
    if (estimate.perSecond < fall * this.#climb.highest || state.early > mostEarly) this.#leaveModel(now);
  }

  /** Whether so many throttles were taken for noise that they are more likely bursts of another application. */
  get #isTooNoisy(): boolean {
    const { noiseThrottles, noiseShare } = this.#settings.additive;
    const { accepted, throttled } = this.#noise.snapshot();
    return throttled > noiseThrottles && throttled > noiseShare * (accepted + FEW_CALLS);
  }

  /** Called if the model of a steady bucket does not fit: starts the additive pace. */
  #leaveModel(now: number): void {
    const state = this.#state;
    const { firstSeconds, growth } = this.#settings.additive;
    const best = Math.max(this.#climb.highest, state.estimate?.perSecond ?? 0);
    if (best === 0) return;
    this.#additive.start(state.rate, best, firstSeconds * growth ** state.left, now);
    state.left += 1;
    state.early = 0;
    state.quietDecreases = 0;
    state.pauseUntil = now;
  }

  /** Called when the additive pace ends. @param perSecond the rate that the bucket left on average */
  #returnToModel(perSecond: number, now: number): void {
    const state = this.#state;
    state.estimate = { perSecond, doubt: this.#settings.additive.doubt };
    state.before = null;
    state.measured = null;
    state.grewAt = now;
    state.floor = 0;
    this.#slowdown.set(1);
    this.#climb.restart(now, perSecond);
    // The additive pace has just tested this rate, so the plateau is over.
    state.risen = this.#plateauLength();
    this.#ladder.clear();
    this.#startInterval(now);
    this.#setRate();
  }

  /**
   * Called if no call was accepted since the last decrease: another application started to use the whole bucket, and its
   * first calls ended the interval that was measured then. The audit's own rate did not empty the bucket. So the estimate
   * returns to its value before that measurement.
   */
  #withdraw(): void {
    const state = this.#state;
    // A bucket of very few tokens throttles calls in a row at any rate.
    if (state.before !== null && this.#bucketContent() > this.#settings.ladder.tinyContent)
      state.estimate = state.before;
    state.before = null;
  }

  /** If hardly any call was accepted in the ramp, the end of the ramp does not show how many tokens the bucket holds. */
  #noteGuess({ doubt }: RateEstimate): void {
    const { earlyCalls, unknownContent } = this.#settings.climb;
    if (this.#climb.markGuess(doubt, this.#slowdown.factor) && this.#state.rampAccepted < earlyCalls) {
      this.#state.content = unknownContent;
    }
  }

  /**
   * During the pause a few tokens are added to the bucket, so that other applications find some. A small bucket is full
   * soon, so a long pause would waste tokens.
   */
  #pauseMs(isMeasured: boolean, { doubt }: RateEstimate): number {
    const { rate } = this.#state;
    const { pauseTokens, longestPauseMs, longestFirstPauseMs } = this.#settings.plateau;
    const longest = Math.max(longestPauseMs, 1500 / rate);
    if (!isMeasured) return Math.min((this.#settings.slowdown.pauseTokens * 1000) / rate, longest);
    const tokens = Math.min(pauseTokens, Math.max(1, 0.5 * this.#bucketContent()));
    const ms = (tokens * 1000) / (rate / this.#slowdown.factor);
    if (!this.#slowdown.isOver || doubt >= CERTAIN_DOUBT) return Math.min(ms, longest);
    return this.#climb.highest === 0 ? Math.min(ms, longestFirstPauseMs) : ms;
  }

  /** The bucket is empty for the first time, so its rate is below the current rate. How far below is unknown. */
  #endRamp(ramp: NonNullable<ControllerState['ramp']>, now: number): IntervalResult {
    const state = this.#state;
    const { estimate, doubt } = this.#settings.ramp;
    state.drained = { from: ramp.from, to: state.rate, doubleMs: ramp.doubleMs, at: now };
    state.ramp = null;
    state.estimate = { perSecond: estimate * state.rate, doubt };
    this.#startInterval(now);
    return 'changed';
  }

  #answeredAfterRamp(sentAt: number, isAccepted: boolean, now: number): void {
    if (this.#rampEnd.answered(sentAt, isAccepted, this.#state.decreasedAt)) this.#estimateFromRampEnd(now);
  }

  #estimateFromRampEnd(now: number): void {
    const state = this.#state;
    const { estimate, decreasedAt } = state;
    const settings = this.#settings.ramp;
    const { perSecond } = this.#rampEnd;
    if (perSecond === null || estimate === null || decreasedAt === null) return;
    state.estimate = { perSecond, doubt: settings.doubt };
    this.#setRate();
    if (now >= state.pauseUntil || perSecond >= estimate.perSecond) return;
    const pauseUntil = Math.max(state.pauseUntil, decreasedAt + (settings.pauseTokens * 1000) / state.rate);
    state.pauseUntil = Math.min(now + this.#settings.plateau.longestPauseMs, pauseUntil);
  }

  /** The bucket is empty again: the interval since it was last empty gives a measurement. */
  #measure(now: number): IntervalResult {
    const state = this.#state;
    const { estimate, rate } = state;
    const { at: anchorAt, accepted } = this.#interval();
    if (anchorAt === null || estimate === null) {
      this.#startInterval(now);
      return 'same';
    }
    const bucketContent = this.#bucketContent();
    const found = accepted > 0 ? this.#climb.estimateAfterThrottle(rate, estimate.perSecond, bucketContent) : null;
    if (found !== null) {
      state.estimate = found;
      this.#startInterval(now);
      return 'same';
    }
    const { share, pauseTokens } = this.#settings.plateau;
    // Both ends are times of answers, so the latency of calls in flight does not change the count.
    const seconds = (now - anchorAt) / 1000;
    const isBelow = rate <= ABOVE_ESTIMATE * estimate.perSecond && this.#climb.factor === 1;
    const interval = { seconds, accepted, idled: state.idled, rate, isBelow, bucketContent, share, pauseTokens };
    const result = measure({ ...interval, last: state.measured }, estimate, this.#settings.measurement);
    if (result.kind === 'nothing') {
      if (accepted > 0) state.measured = null;
      return 'nothing';
    }
    state.measured = result.measured;
    this.#startInterval(now);
    if (result.kind === 'unchanged') return 'same';
    state.before = result.estimate.perSecond < estimate.perSecond ? estimate : null;
    this.#believe(result.estimate, result.changed, result.remaining);
    return result.changed || result.remaining < 1 ? 'changed' : 'same';
  }

  /** While calls are slowed down, not all tokens of the bucket are used. So the time after a slowdown is measured better. */
  #interval(): { readonly at: number | null; readonly accepted: number } {
    const { anchorAt, accepted, resumed } = this.#state;
    const whole = { at: anchorAt, accepted };
    if (resumed === null) return whole;
    const since = accepted - resumed.accepted;
    return since < Math.max(RESUMED_CALLS, 2 * this.#bucketContent()) ? whole : { at: resumed.at, accepted: since };
  }

  #believe(estimate: RateEstimate, hasChanged: boolean, remaining: number): void {
    const state = this.#state;
    const { perSecond, doubt } = estimate;
    state.estimate = estimate;
    this.#slowdown.set(remaining);
    if (hasChanged) this.#ladder.clear();
    if (doubt < MEASURED_DOUBT && state.drained !== null) state.content ??= this.#bucketContent();
    if (doubt < this.#settings.measurement.rememberableDoubt) state.highest = Math.max(state.highest ?? 0, perSecond);
  }

  #startInterval(now: number): void {
    this.#state.anchorAt = now;
    this.#state.accepted = 0;
    this.#state.idled = false;
    this.#state.resumed = null;
  }

  /** The number of calls that a full bucket allows at once. Infinite if the bucket was never empty. */
  #bucketContent(): number {
    const { content, drained, estimate } = this.#state;
    return content ?? contentFromRamp(drained, estimate?.perSecond ?? null, this.#settings.climb.unknownContent);
  }

  #setRate(): void {
    const { estimate, floor } = this.#state;
    if (estimate === null) return;
    // A share below the default also lowers the rate of the ladder.
    const held = Math.min(1, this.#settings.plateau.share / defaultSettings.rateShare) * floor;
    const usual = Math.max(held, this.#plateauPosition() * estimate.perSecond);
    this.#state.rate = boundedRate(this.#slowdown.factor * this.#climb.factor * usual);
  }

  #plateauPosition(): number {
    return plateauPosition(this.#state.risen, this.#plateauLength(), this.#settings.plateau);
  }

  #plateauLength(): number {
    const { estimate, rate, quietDecreases } = this.#state;
    const { quiet, quietShare } = this.#settings.plateau;
    const perSecond = estimate?.perSecond ?? rate;
    const usual = plateauLength(perSecond, estimate?.doubt ?? null, this.#settings.plateau);
    const length = Math.max(1, usual * quietShare ** Math.max(0, quietDecreases - quiet));
    return this.#climb.plateau(length, perSecond);
  }
}
