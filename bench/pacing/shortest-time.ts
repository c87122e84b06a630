import type { Disturbances } from '../../local/emulated-aws/disturbances/disturbances.ts';
import { always, factorAt, nextStepAt } from '../../local/emulated-aws/disturbances/step-schedule.ts';
import { nominalRate } from '../../local/emulated-aws/shared-limit.ts';
import type { Limit } from '../../local/emulated-aws/token-bucket.ts';

/** A time in which the rate that bystanders leave is constant. */
interface ConstantRate {
  readonly fromMs: number;
  readonly toMs: number;
  /** Calls per second. */
  readonly perSecond: number;
}

function rateFrom(limit: Limit, disturbances: Disturbances, fromMs: number): ConstantRate {
  const { rate = always(1), bystanders = [] } = disturbances;
  const used = bystanders.reduce((sum, use) => sum + factorAt(use, fromMs), 0);
  const toMs = Math.min(...[rate, ...bystanders].map((schedule) => nextStepAt(schedule, fromMs)));
  const left = Math.max(0, factorAt(rate, fromMs) - used);
  return { fromMs, toMs, perSecond: left * nominalRate(limit, disturbances) };
}

/** The rates that bystanders leave until `endMs`, in the order of time. */
export function availableRates(limit: Limit, disturbances: Disturbances, endMs: number): ConstantRate[] {
  const rates: ConstantRate[] = [];
  for (let fromMs = 0; fromMs < endMs; fromMs = rates.at(-1)?.toMs ?? endMs) {
    const rate = rateFrom(limit, disturbances, fromMs);
    rates.push({ ...rate, toMs: Math.min(rate.toMs, endMs) });
  }
  return rates;
}

/**
 * T*, the physical limit in milliseconds: first the content of the bucket is used, then all that the bystanders leave.
 * A window gives all its calls at its start. Noise, debt and late answers do not change the limit.
 */
export function shortestMs(limit: Limit, disturbances: Disturbances, calls: number): number {
  const { window, startsEmpty = false, hosts = 1 } = disturbances;
  if (window !== undefined) return Math.floor((calls - 1) / window.calls) * window.ms;
  let needed = calls - (startsEmpty ? 0 : Math.max(limit.size, hosts));
  for (let fromMs = 0; ;) {
    const { toMs, perSecond } = rateFrom(limit, disturbances, fromMs);
    const given = ((toMs - fromMs) * perSecond) / 1000;
    if (perSecond > 0 && given >= needed) return fromMs + (needed / perSecond) * 1000;
    if (toMs === Number.POSITIVE_INFINITY) return toMs;
    needed -= given;
    fromMs = toMs;
  }
}
