import * as v from 'valibot';

/** Calls of one operation to the bucket, of all accounts', that had most of them. */
export const OperationFigures = v.object({
  operation: v.string(),
  sent: v.number(),
  throttled: v.number(),
  /** Seconds in which the bucket lets the accepted calls through: (accepted − size) / rate. */
  limitSeconds: v.number(),
});
export type OperationFigures = v.InferOutput<typeof OperationFigures>;

/** Megabytes. */
export const MemoryUse = v.object({
  /** Resident before the work: Node, modules, and the emulated accounts as far as they are kept. */
  before: v.number(),
  /** Most resident memory of the process. */
  peak: v.number(),
  /** Most of what was still in use on the heap after collection, less what was in use before the work. */
  live: v.number(),
});
export type MemoryUse = v.InferOutput<typeof MemoryUse>;

/** What one scenario took. Real seconds say `wall` or `cpu`; all others are virtual. */
export const Figures = v.object({
  name: v.string(),
  accounts: v.number(),
  principals: v.number(),
  complete: v.number(),
  status: v.string(),
  wallSeconds: v.number(),
  /** Of all threads of the process: other work on the machine hardly matters to it. */
  cpuSeconds: v.number(),
  megabytes: MemoryUse,
  transitions: v.number(),
  dollars: v.number(),
  runSeconds: v.number(),
  /** From the first batch's start to the last one's end, over all accounts. */
  batchesSeconds: v.number(),
  operations: v.array(OperationFigures),
});
export type Figures = v.InferOutput<typeof Figures>;
