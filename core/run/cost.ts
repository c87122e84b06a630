import type { Consumption, Cost } from '../contract/run.ts';

/** List prices in US dollars, us-east-1 (AWS price lists of Step Functions Standard and of Lambda on arm64). */
const PER_TRANSITION = 2.5e-5;
const PER_GIGABYTE_SECOND = 1.33334e-5;
const PER_INVOCATION = 2e-7;

const MEGABYTES = 1024;

const dollars = (amount: number): number => Math.round(amount * 1e6) / 1e6;

export function costOf({ megabyteMs, invocations, transitions }: Consumption): Cost {
  const stepFunctions = transitions * PER_TRANSITION;
  const lambda = (megabyteMs / MEGABYTES / 1000) * PER_GIGABYTE_SECOND + invocations * PER_INVOCATION;
  return { stepFunctions: dollars(stepFunctions), lambda: dollars(lambda), total: dollars(stepFunctions + lambda) };
}
