import * as v from 'valibot';

/** Calls of one operation, in the account that received the most of them. */
export const OperationFigures = v.object({
  operation: v.string(),
  sent: v.number(),
  throttled: v.number(),
  /** Seconds that the bucket needs to accept these calls: (accepted − size) / rate. */
  limitSeconds: v.number(),
});
export type OperationFigures = v.InferOutput<typeof OperationFigures>;

/** Megabytes. */
export const MemoryUse = v.object({
  /** Resident memory before the run: Node.js, modules, and the emulated accounts in memory. */
  before: v.number(),
  /** Maximum resident memory of the process. */
  peak: v.number(),
  /** Maximum heap in use after garbage collection, minus the heap in use before the run. */
  live: v.number(),
});
export type MemoryUse = v.InferOutput<typeof MemoryUse>;

/** The figures of one scenario. Seconds named `wall` or `cpu` are real; all others are virtual. */
export const Figures = v.object({
  name: v.string(),
  accounts: v.number(),
  principals: v.number(),
  complete: v.number(),
  status: v.string(),
  wallSeconds: v.number(),
  /** Processor time of all threads of the process. Other work on the machine hardly changes it. */
  cpuSeconds: v.number(),
  megabytes: MemoryUse,
  transitions: v.number(),
  dollars: v.number(),
  runSeconds: v.number(),
  /** From the start of the first batch to the end of the last, over all accounts. */
  batchesSeconds: v.number(),
  operations: v.array(OperationFigures),
  /** For a run over an organization: seconds that the buckets need, with the accounts that are audited at once. */
  organizationSeconds: v.nullable(v.number()),
});
export type Figures = v.InferOutput<typeof Figures>;
