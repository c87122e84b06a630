import * as v from 'valibot';
import { RunId } from './execution-input.ts';

const Count = v.pipe(v.number(), v.integer());

/**
 * Removed services or actions: their number and names. Services are written as `s3`, actions as `s3:PutBucketPolicy`.
 */
const Removed = v.object({ count: Count, names: v.array(v.string()) });

/** `recommendations/<type>-<name>.json`: a narrower policy for one principal. An administrator can apply it. */
export const Recommendation = v.object({
  schemaVersion: v.literal(1),
  principalArn: v.string(),
  generatedAt: v.string(),
  /** `asOf`: when AWS made the last-accessed report. */
  basis: v.object({ run: RunId, asOf: v.string(), unusedAfterDays: v.number() }),
  /** The policies that it replaces: the principal's own policies, and those of groups with other members. */
  replaces: v.array(
    v.object({ kind: v.picklist(['inline', 'managed']), name: v.string(), group: v.nullable(v.string()) }),
  ),
  policy: v.object({ Version: v.literal('2012-10-17'), Statement: v.array(v.record(v.string(), v.unknown())) }),
  /** Characters without white space, as IAM counts them. `note` is set if it is too long for an inline policy. */
  size: v.object({ characters: Count, inlineLimit: Count, managedLimit: Count, note: v.nullable(v.string()) }),
  removed: v.object({
    services: Removed,
    /** Actions of services that stay. */
    actions: Removed,
    /** Removed services and actions that were used, but not within `unusedAfterDays`. */
    usedEarlier: v.array(v.object({ name: v.string(), lastUsed: v.string() })),
  }),
  /** Permissions for which use is not known, and whether they were kept. */
  notJudged: v.array(v.string()),
  /** How to apply it, step by step. */
  apply: v.array(v.string()),
});
export type Recommendation = v.InferOutput<typeof Recommendation>;

/**
 * A line of `recommendations/index.jsonl`: a principal with unused permissions, and its recommendation's key or a
 * problem.
 */
export const RecommendationLine = v.object({
  principalArn: v.string(),
  key: v.nullable(v.string()),
  problem: v.nullable(v.object({ code: v.string(), message: v.string() })),
  /** The recommendation itself, for readers of many. Missing with a problem, and in lines of earlier versions. */
  recommendation: v.optional(Recommendation),
});
export type RecommendationLine = v.InferOutput<typeof RecommendationLine>;
