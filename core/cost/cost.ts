import type { Consumption, Cost } from '../contract/run.ts';

/** List prices in US dollars, us-east-1 (AWS price lists: Step Functions Standard, Lambda on arm64, S3 Standard). */
export const PER_TRANSITION = 2.5e-5;
export const PER_GIGABYTE_SECOND = 1.33334e-5;
const PER_INVOCATION = 2e-7;
/** PUT, COPY, POST and LIST requests. */
const PER_PUT = 5e-6;
/** GET and all other requests. */
const PER_GET = 4e-7;

export const MEGABYTES_PER_GIGABYTE = 1024;

const dollars = (amount: number): number => Math.round(amount * 1e6) / 1e6;

/** @param athena dollars for queries */
export function costOf({ megabyteMs, invocations, transitions, puts, gets }: Consumption, athena = 0): Cost {
  const stepFunctions = transitions * PER_TRANSITION;
  const lambda = (megabyteMs / MEGABYTES_PER_GIGABYTE / 1000) * PER_GIGABYTE_SECOND + invocations * PER_INVOCATION;
  const s3 = puts * PER_PUT + gets * PER_GET;
  return {
    stepFunctions: dollars(stepFunctions),
    lambda: dollars(lambda),
    s3: dollars(s3),
    athena: dollars(athena),
    total: dollars(stepFunctions + lambda + s3 + athena),
  };
}

export const addCost = (a: Cost, b: Cost): Cost => ({
  stepFunctions: dollars(a.stepFunctions + b.stepFunctions),
  lambda: dollars(a.lambda + b.lambda),
  s3: dollars(a.s3 + b.s3),
  athena: dollars(a.athena + b.athena),
  total: dollars(a.total + b.total),
});
