import { MEGABYTES_A_GIGABYTE, PER_GIGABYTE_SECOND, PER_TRANSITION } from './cost.ts';
import { FURTHER_ATTEMPT } from './transitions.ts';

/**
 * How long a gap between two calls may be to be slept in the function, in milliseconds; a longer one is cheaper as a
 * Wait state. Sleeping costs the function's memory by the second, leaving costs the transitions of a further attempt
 * (the Wait, the task and the choice after it), however long it takes:
 *
 *     milliseconds = 1000 × 3 × $2.5e-5 / (GB × $1.33334e-5) = 5,625 / GB
 *
 * 22.5 s at 256 MB, 11.2 s at 512 MB, 5.6 s at 1,024 MB. An attempt's few requests to S3, a fifth of its transitions, are
 * left out.
 */
export const breakEvenMs = (memoryMegabytes: number): number =>
  (1000 * FURTHER_ATTEMPT * PER_TRANSITION) / ((memoryMegabytes / MEGABYTES_A_GIGABYTE) * PER_GIGABYTE_SECOND);
