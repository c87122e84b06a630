import * as v from 'valibot';
import { defaultSettings } from '../contract/environment.ts';
import { RateEstimate, weigh } from './rate-estimate.ts';
import { PaceUtilization } from './pace-utilization.ts';
import { RateLadder, Rungs } from './rate-ladder.ts';
import { defaultPacing, type ControllerSettings } from './controller-settings.ts';

/** A bucket that refills slower than one call in ten seconds is a fault, not a limit. */
const LOWEST_RATE = 0.1;
/** 64 calls in flight at 100 ms each: a higher rate is never used, and grows without end where nothing throttles. */
const HIGHEST_RATE = 640;
/** Timers and a busy process are late by less. */
const LATE_MS = 100;
/** A queue without work for so long rests: a bucket that is full again is no licence to go on faster. */
const REST_MS = 10_000;
/** Share of a rate that must be used before it grows: beyond that it would only be a number that nobody has tried. */
const MOSTLY_USED = 0.9;

const Finite = v.pipe(v.number(), v.finite());
const Positive = v.pipe(Finite, v.gtValue(0));

/** What a rate controller knows. Rates are calls per second, times milliseconds since the epoch. */
export const ControllerState = v.object({
  rate: v.pipe(Finite, v.minValue(LOWEST_RATE)),
  /** No call goes out before this time. */
  pauseUntil: Finite,
  /** The rate that the bucket leaves us; null until the first throttle of a first day. */
  estimate: v.nullable(RateEstimate),
  /** The highest estimate of this run that was sure enough: what another day starts from. */
  highest: v.nullable(Positive),
  /** Set until a run's first throttle: the rate doubles every so many milliseconds from where it began. */
  ramp: v.nullable(v.object({ from: Positive, doubleMs: Positive, steppedAt: v.nullable(Finite) })),
  /** How the run began: its first call, what was accepted before the first throttle, and when that was. */
  startedAt: v.nullable(Finite),
  rampAccepted: Finite,
  /** How the ramp ended, between which rates and when: what the bucket held follows from it. */
  drained: v.nullable(v.object({ from: Positive, to: Positive, doubleMs: Positive, at: Finite })),
  /** When the bucket was last measured to be empty; what was accepted since; whether the queue was idle meanwhile. */
  anchorAt: v.nullable(Finite),
  accepted: Finite,
  idled: v.boolean(),
  /** Calls accepted since the last decrease while the pace was used. */
  risen: Finite,
  /** Calls sent at or before this belong to a congestion epoch that was answered already. */
  decreasedAt: v.nullable(Finite),
  /** The rate below which going slower has not helped. */
  floor: v.pipe(Finite, v.minValue(0)),
  rungs: Rungs,
  sentAt: v.nullable(Finite),
  updatedAt: Finite,
});
export type ControllerState = v.InferOutput<typeof ControllerState>;

/** What a call waited for last before it went out: its pace, answers to others, or only that there was any work. */
export type WaitedFor = 'pace' | 'answers' | 'work';

/** Decides how many calls a second go out. Pure: time comes in with every event. */
export interface RateController {
  /** Calls per second. */
  readonly rate: number;
  /** No call goes out before this time. */
  readonly pauseUntil: number;
  /** A call may go out at `now`: lets the rate grow with time. */
  advance(now: number): void;
  sent(now: number, waitedFor: WaitedFor): void;
  accepted(sentAt: number, now: number): void;
  throttled(sentAt: number, now: number): void;
}

const clamp = (rate: number): number => Math.min(HIGHEST_RATE, Math.max(LOWEST_RATE, rate));

/** Nothing is known: a slow start. @param now milliseconds since the epoch */
export const freshState = (now: number, settings: ControllerSettings = defaultPacing): ControllerState =>
  stateOf(settings.firstRate, settings.firstDoubleMs, null, now);

/** A day that starts from what an earlier one learned. @param perSecond calls per second */
export const rememberedState = (
  perSecond: number,
  now: number,
  settings: ControllerSettings = defaultPacing,
): ControllerState =>
  stateOf(
    settings.rememberedStart * perSecond,
    settings.rememberedDoubleMs,
    { perSecond, doubt: settings.rememberedDoubt },
    now,
  );

function stateOf(from: number, doubleMs: number, estimate: RateEstimate | null, now: number): ControllerState {
  return {
    rate: clamp(from),
    pauseUntil: 0,
    estimate,
    highest: null,
    ramp: { from: clamp(from), doubleMs, steppedAt: null },
    startedAt: null,
    rampAccepted: 0,
    drained: null,
    anchorAt: null,
    accepted: 0,
    idled: false,
    risen: 0,
    decreasedAt: null,
    floor: 0,
    rungs: [],
    sentAt: null,
    updatedAt: now,
  };
}

/**
 * Finds the rate of a token bucket that answers only yes or no, and stays just below it. Between two moments with an
 * empty bucket, the accepted calls over the time are the rate that it leaves us: each throttle ends one measurement
 * and begins the next. docs/pacing.md explains it and shows what each part is worth.
 */
export class BucketController implements RateController {
  readonly #settings: ControllerSettings;
  readonly #ladder: RateLadder;
  #state: ControllerState;
  readonly #use = new PaceUtilization();

  constructor(state: ControllerState, settings: ControllerSettings = defaultPacing) {
    this.#state = { ...state, ramp: state.ramp === null ? null : { ...state.ramp } };
    this.#settings = settings;
    this.#ladder = new RateLadder(state.rungs, settings);
  }

  get rate(): number {
    return this.#state.rate;
  }

  get pauseUntil(): number {
    return this.#state.pauseUntil;
  }

  advance(now: number): void {
    const state = this.#state;
    if (this.#lateMs(now) > REST_MS) this.#rest();
    if (state.ramp === null) return;
    const stepMs = now - (state.ramp.steppedAt ?? now);
    // Only a rate that is used may grow: an idle queue has not proved anything.
    if (this.#isUsed && !this.#isLate(now)) state.rate = clamp(state.rate * 2 ** (stepMs / state.ramp.doubleMs));
    state.ramp.steppedAt = now;
  }

  sent(now: number, waitedFor: WaitedFor): void {
    const isLate = this.#isLate(now);
    this.#state.startedAt ??= now;
    // Who was held up by slow answers had calls to send: the bucket was asked for all that it gave.
    if (isLate && waitedFor !== 'answers') this.#state.idled = true;
    const onTime = waitedFor === 'pace' && !isLate;
    this.#use.sent(onTime ? 0 : (Math.max(0, this.#lateMs(now)) * this.#state.rate) / 1000);
    this.#state.sentAt = now;
  }

  /** Whether the pace is what limits us. */
  get #isUsed(): boolean {
    return this.#use.atWork >= MOSTLY_USED;
  }

  /** The rate at which calls really go out, pauses aside: a throttle or its absence says something of this one only. */
  get #usedRate(): number {
    return clamp(this.#use.share * this.#state.rate);
  }

  /** Whether the pace would have let a call go out long ago: then something else limits us. */
  #isLate(now: number): boolean {
    return this.#lateMs(now) > Math.max(LATE_MS, 500 / this.#state.rate);
  }

  #lateMs(now: number): number {
    const { sentAt, rate, pauseUntil } = this.#state;
    return sentAt === null ? 0 : now - Math.max(sentAt + 1000 / rate, pauseUntil);
  }

  /** A rate above the estimate was being tried when the work ended: after a rest the trial begins again. */
  #rest(): void {
    const state = this.#state;
    if (state.ramp !== null) {
      state.rate = state.ramp.from;
    } else {
      state.risen = Math.min(state.risen, this.#plateauLength());
      this.#setRate();
    }
  }

  accepted(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (state.ramp !== null) {
      state.rampAccepted += 1;
      return;
    }
    this.#ladder.record(this.#usedRate, false);
    state.accepted += 1;
    if (!this.#isUsed || (state.decreasedAt !== null && sentAt <= state.decreasedAt)) return;
    state.risen += 1;
    this.#setRate();
  }

  throttled(sentAt: number, now: number): void {
    const state = this.#state;
    state.updatedAt = now;
    if (state.ramp === null) this.#ladder.record(this.#usedRate, true);
    // One decrease a congestion epoch: a call that was sent before the last one says nothing new.
    if (state.decreasedAt !== null && sentAt <= state.decreasedAt) return;
    if (state.ramp !== null) this.#endRamp(state.ramp, now);
    else this.#measure(now);
    state.decreasedAt = now;
    state.risen = 0;
    const room = this.#room();
    state.floor = this.#ladder.floor(room, state.estimate?.perSecond ?? 0);
    this.#setRate();
    // The bucket fills a little, so that whoever shares it finds tokens; a small one would only overflow.
    const tokens = Math.min(this.#settings.pauseTokens, Math.max(1, 0.5 * room));
    state.pauseUntil = now + (tokens * 1000) / state.rate;
  }

  snapshot(now: number): ControllerState {
    return { ...this.#state, rungs: this.#ladder.snapshot(), updatedAt: now };
  }

  /** The bucket is empty for the first time: its rate is somewhere below ours, and it is not known yet how far. */
  #endRamp(ramp: NonNullable<ControllerState['ramp']>, now: number): void {
    const state = this.#state;
    state.drained = { from: ramp.from, to: state.rate, doubleMs: ramp.doubleMs, at: now };
    state.ramp = null;
    state.estimate = { perSecond: this.#settings.afterRamp * state.rate, doubt: this.#settings.afterRampDoubt };
    this.#anchor(now);
  }

  /** Two moments with an empty bucket: what was accepted between them is what it gave. */
  #measure(now: number): void {
    const state = this.#state;
    if (state.anchorAt === null || state.estimate === null) {
      this.#anchor(now);
      return;
    }
    // By answers at both ends: calls in flight are none the fewer for their latency.
    const seconds = (now - state.anchorAt) / 1000;
    if (seconds <= 0) return;
    // Where none was accepted, it was less than one.
    const accepted = Math.max(state.accepted, 0.5);
    const given = Math.min(accepted / seconds, 1.05 * state.rate);
    // Where the queue was idle the bucket may have overflowed: it gave at least this much.
    const atLeast = state.idled && given <= state.estimate.perSecond;
    const measured = atLeast ? this.#between(given, seconds) : this.#measured(given, accepted, seconds);
    if (!atLeast || this.#isNews(given, measured.sd, state.estimate)) {
      const { estimate, changed } = weigh(state.estimate, measured, this.#settings.surprise);
      state.estimate = estimate;
      if (changed) this.#ladder.clear();
      if (estimate.doubt < this.#settings.rememberableDoubt) state.highest = Math.max(state.highest ?? 0, estimate.perSecond);
    }
    this.#anchor(now);
  }

  /** @param given calls per second that were accepted */
  #measured(given: number, accepted: number, seconds: number): { perSecond: number; sd: number } {
    const { share, chance, pauseTokens } = this.#settings;
    // At a low share what is left unused fills the bucket, and it overflows.
    if ((1 - share) * accepted > this.#room() + pauseTokens) return this.#between(given, seconds);
    // A token more or less, and the bystanders' chance: they come like a Poisson process.
    return { perSecond: given, sd: Math.sqrt(1 / seconds ** 2 + (chance * given) ** 2 / accepted) };
  }

  /** The bucket overflowed: it gave more than was accepted, and less than the last rate, which emptied it. */
  #between(given: number, seconds: number): { perSecond: number; sd: number } {
    const unknown = Math.max(0, this.#state.rate - given);
    return { perSecond: given + unknown / 3, sd: Math.max(unknown / 4, 1 / seconds) };
  }

  /** A lower bound says something where it is not far below what is believed, and that is much in doubt; else belief stays. */
  #isNews(given: number, sd: number, { perSecond, doubt }: RateEstimate): boolean {
    return given > 0.5 * perSecond && 2 * sd < doubt * perSecond;
  }

  #anchor(now: number): void {
    this.#state.anchorAt = now;
    this.#state.accepted = 0;
    this.#state.idled = false;
  }

  /** What the bucket held when the ramp began, in calls: all that went out above the rate until it was empty. */
  #room(): number {
    const { drained, estimate } = this.#state;
    if (drained === null || estimate === null) return Number.POSITIVE_INFINITY;
    const from = Math.max(drained.from, estimate.perSecond);
    if (from >= drained.to) return 1;
    const perDoubling = drained.to - from - estimate.perSecond * Math.log(drained.to / from);
    return Math.max(1, (drained.doubleMs / 1000 / Math.LN2) * perDoubling);
  }

  /** Soon back to just below the estimate, there for long, then ever faster beyond: the shape of TCP's CUBIC. */
  #setRate(): void {
    const state = this.#state;
    if (state.estimate === null) return;
    const { share, dip } = this.#settings;
    const position = state.risen / this.#plateauLength() - 1;
    const factor = share + dip * position ** 3;
    // Who is to take less than usual takes less of what the ladder holds, too.
    const held = Math.min(1, share / defaultSettings.rateShare) * state.floor;
    state.rate = clamp(Math.max(held, factor * state.estimate.perSecond));
  }

  /** In accepted calls. What is not known well is looked at again soon. */
  #plateauLength(): number {
    const { plateau, plateauSeconds, plateauDoubt, plateauExponent } = this.#settings;
    const { perSecond, doubt } = this.#state.estimate ?? { perSecond: this.#state.rate, doubt: plateauDoubt };
    return Math.min(plateau, plateauSeconds * perSecond) * Math.min(1, (plateauDoubt / doubt) ** plateauExponent);
  }
}
