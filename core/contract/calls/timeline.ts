import * as v from 'valibot';

const Count = v.pipe(v.number(), v.integer());

/** An interval with calls: its number, requests sent, those of them that were throttled, and milliseconds that calls waited. */
export const TimelineInterval = v.tuple([Count, Count, Count, v.number()]);
export type TimelineInterval = v.InferOutput<typeof TimelineInterval>;

/**
 * Calls over time. Interval `n` begins `n * stepSeconds` seconds after the epoch, so that timelines of several accounts
 * can be added up. Intervals without calls are missing. By `service:Operation`.
 */
export const CallTimeline = v.object({
  stepSeconds: Count,
  operations: v.record(v.string(), v.array(TimelineInterval)),
});
export type CallTimeline = v.InferOutput<typeof CallTimeline>;
