import * as v from 'valibot';
import { RunId } from './execution-input.ts';

const Count = v.pipe(v.number(), v.integer());

/** What is left out: `count` of them, by name, services as `s3` and actions as `s3:PutBucketPolicy`. */
const Removed = v.object({ count: Count, names: v.array(v.string()) });

/** `recommendations/<type>-<name>.json`: a narrower policy for one principal, to be applied by whoever may. */
export const Recommendation = v.object({
  schemaVersion: v.literal(1),
  principalArn: v.string(),
  generatedAt: v.string(),
  /** `asOf`: when AWS made the report on what was used. */
  basis: v.object({ run: RunId, asOf: v.string(), unusedAfterDays: v.number() }),
  /** Policies whose place it takes: of the principal itself, or of a group, which others share. */
  replaces: v.array(
    v.object({ kind: v.picklist(['inline', 'managed']), name: v.string(), group: v.nullable(v.string()) }),
  ),
  policy: v.object({ Version: v.literal('2012-10-17'), Statement: v.array(v.record(v.string(), v.unknown())) }),
  /** Without white space, as IAM counts; `note` where it is too long for an inline policy. */
  size: v.object({ characters: Count, inlineLimit: Count, managedLimit: Count, note: v.nullable(v.string()) }),
  removed: v.object({
    services: Removed,
    /** Of services that stay. */
    actions: Removed,
    /** Of both, what was used, but not within `unusedAfterDays`. */
    usedEarlier: v.array(v.object({ name: v.string(), lastUsed: v.string() })),
  }),
  /** What nobody could say whether it is used, and what was made of it. */
  notJudged: v.array(v.string()),
  /** How to apply it, step by step. */
  apply: v.array(v.string()),
});
export type Recommendation = v.InferOutput<typeof Recommendation>;

/** A line of `recommendations/index.jsonl`: who could do with less, and where that stands or why nobody can say how. */
export const RecommendationLine = v.object({
  principalArn: v.string(),
  key: v.nullable(v.string()),
  problem: v.nullable(v.object({ code: v.string(), message: v.string() })),
});
export type RecommendationLine = v.InferOutput<typeof RecommendationLine>;
