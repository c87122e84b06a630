import { Climb, noClimb } from '../../../../core/pacing/controller/climb.ts';
import { defaultPacing } from '../../../../core/pacing/controller/controller-settings.ts';

const { climb: settings } = defaultPacing;
const CONTENT = 50;
const SURE = { perSecond: 20, doubt: 0.05 };

/** The estimate falls from 20 to 2 calls a second at 60 s. */
function fallen(): Climb {
  const climb = new Climb(noClimb(0), settings);
  climb.throttled(60_000, SURE, { perSecond: 2, doubt: 0.3 }, false);
  return climb;
}

test('before a fall, the rate climbs only far beyond the plateau', () => {
  const climb = new Climb(noClimb(0), settings);
  climb.grow(1, settings.beyond - 0.01, 10, 10, CONTENT);
  expect(climb.factor).toBe(1);
  climb.grow(1, settings.beyond + 0.01, 13, 10, CONTENT);
  expect(climb.factor).toBeGreaterThan(1);
});

test('after a fall the plateau is short, and each climb in vain makes it longer', () => {
  const climb = fallen();
  const first = climb.plateau(340, 2);
  expect(first).toBeLessThan(20);
  climb.throttled(70_000, { perSecond: 2, doubt: 0.3 }, { perSecond: 2, doubt: 0.1 }, true);
  climb.throttled(90_000, { perSecond: 2, doubt: 0.1 }, { perSecond: 2, doubt: 0.1 }, true);
  expect(climb.plateau(340, 2)).toBeGreaterThan(2 * first);
  expect(new Climb(noClimb(0), settings).plateau(340, 2)).toBe(340);
});

test('after a fall the rate climbs back to just below the earlier one and no further', () => {
  const climb = fallen();
  for (let n = 0; n < 100; n += 1) climb.grow(0.5, 1.1, 2 * climb.factor, 2, Number.POSITIVE_INFINITY);
  expect(2 * climb.factor).toBeCloseTo(settings.backTo * 20);
});

test('if more calls are accepted there than the bucket holds, that rate is believed', () => {
  const climb = fallen();
  let confirmed = null;
  for (let n = 0; n < 400 && confirmed === null; n += 1) {
    confirmed = climb.grow(0.05, 1.1, 2 * climb.factor, 2, CONTENT);
  }
  expect(confirmed?.perSecond).toBeCloseTo(settings.backTo * 20);
  expect(climb.factor).toBe(1);
  expect(climb.snapshot().afterFall).toBe(false);
});

test('a climb that ends with a throttle gives a lower bound, after the content of the bucket', () => {
  const climb = new Climb({ ...noClimb(0), factor: 3, seconds: 10, excess: 60 }, settings);
  const found = climb.estimateAfterThrottle(15, 5, CONTENT);
  expect(found?.perSecond).toBeGreaterThan(5 + 2);
  expect(found?.perSecond).toBeLessThan(15);
  expect(
    new Climb({ ...noClimb(0), factor: 3, seconds: 10, excess: 20 }, settings).estimateAfterThrottle(15, 5, CONTENT),
  ).toBeNull();
  expect(
    new Climb({ ...noClimb(0), factor: 1.05, seconds: 10, excess: 60 }, settings).estimateAfterThrottle(15, 5, CONTENT),
  ).toBeNull();
});

test('a fall is forgotten with time', () => {
  const climb = fallen();
  const known = { perSecond: 2, doubt: 0.05 };
  for (let now = 60_000; now < 600_000; now += 10_000) climb.throttled(now, known, known, true);
  expect(climb.snapshot()).toMatchObject({ afterFall: false, inVain: 0 });
});

test('it goes on after a snapshot', () => {
  const climb = fallen();
  climb.grow(0.5, 1.1, 2, 2, CONTENT);
  expect(new Climb(climb.snapshot(), settings).snapshot()).toEqual(climb.snapshot());
});

test('after the additive pace, a much higher earlier estimate is still the aim of the climb', () => {
  const climb = new Climb(noClimb(0, 20), settings);
  climb.restart(60_000, 2);
  for (let n = 0; n < 100; n += 1) climb.grow(0.5, 1.1, 2 * climb.factor, 2, Number.POSITIVE_INFINITY);
  expect(2 * climb.factor).toBeCloseTo(settings.backTo * 20);
  // A fall is counted from the estimate now: otherwise the additive pace would start again at once.
  expect(climb.highest).toBe(2);
});

test('after the additive pace, an earlier estimate that is not much higher is forgotten', () => {
  const climb = new Climb(noClimb(0, 20), settings);
  climb.restart(60_000, 12);
  expect(climb.snapshot()).toMatchObject({ highest: 12, best: 12, afterFall: false });
});

test('an estimate that hardly any call confirms is a guess if it is doubtful and nothing else slows the calls down', () => {
  const { guessDoubt, guessFactor } = settings;
  const guess = new Climb(noClimb(0), settings);
  expect(guess.markGuess(guessDoubt + 0.01, guessFactor)).toBe(true);
  expect(guess.snapshot().isGuess).toBe(true);
  for (const [doubt, slowdown] of [
    [guessDoubt, guessFactor],
    [guessDoubt + 0.01, guessFactor + 0.01],
  ] as const) {
    const known = new Climb(noClimb(0), settings);
    expect(known.markGuess(doubt, slowdown)).toBe(false);
    expect(known.snapshot().isGuess).toBe(false);
  }
});
