import { MEGABYTES_PER_GIGABYTE, PER_GIGABYTE_SECOND, PER_TRANSITION } from './cost.ts';
import { FURTHER_ATTEMPT } from './transitions.ts';

/**
 * The longest gap between two calls, in milliseconds, for which sleeping in the function costs less than a Wait state.
 * The cost of sleeping grows with time and the function's memory. The cost of waiting is fixed: the state transitions
 * of a further attempt (the Wait, the task and the Choice after it).
 *
 *     milliseconds = 1000 × 3 × $2.5e-5 / (GB × $1.33334e-5) = 5,625 / GB
 *
 * 22.5 s at 256 MB, 11.2 s at 512 MB, 5.6 s at 1,024 MB. The formula ignores an attempt's few S3 requests. They cost
 * about a fifth of its transitions.
 */
export const breakEvenMs = (memoryMegabytes: number): number =>
  (1000 * FURTHER_ATTEMPT * PER_TRANSITION) / ((memoryMegabytes / MEGABYTES_PER_GIGABYTE) * PER_GIGABYTE_SECOND);
