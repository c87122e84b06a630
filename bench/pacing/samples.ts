import * as v from 'valibot';
import { shortestMs } from './shortest-time.ts';
import type { Simulation } from './simulation.ts';

/** The result of one run. Shares are from 0 to 1. */
export const Sample = v.object({
  /** The time of the run divided by the physical limit. */
  ratio: v.number(),
  throttled: v.number(),
  lost: v.number(),
  bystanders: v.number(),
  bystandersAlone: v.number(),
  /** The number of attempts of the call with the most attempts. */
  attempts: v.number(),
  /** Two audits on one limit: the share of the slower one in the accepted calls, while both run. */
  smallerShare: v.optional(v.number()),
  /** Two audits: the time until the first one ends, divided by the physical limit of both. */
  firstEnd: v.optional(v.number()),
});
export type Sample = v.InferOutput<typeof Sample>;

/** What a run shows at its end. A run that was stopped counts with the time until then, and with no lost call. */
export function sampleOf(simulation: Simulation, calls: number, lost: number): Sample {
  const { limit, disturbances, stopAtMs = Number.POSITIVE_INFINITY } = simulation.settings;
  const { calls: asked, throttled, throttledAlone } = simulation.bystanders();
  return {
    ratio: Math.min(simulation.clock.now(), stopAtMs) / shortestMs(limit, disturbances, calls),
    throttled: simulation.throttled / simulation.sent,
    lost: simulation.stopped ? 0 : lost / calls,
    bystanders: asked === 0 ? 0 : throttled / asked,
    bystandersAlone: asked === 0 ? 0 : throttledAlone / asked,
    attempts: simulation.attempts,
  };
}

/** Runs of one table cell, measured together for each seed. */
export interface Cell<Place extends string = string> {
  readonly strategy: string;
  /** A scenario, or a server. */
  readonly place: Place;
  readonly measure: (seed: number) => Promise<Sample[]>;
}

/** The median is at 0.5. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
