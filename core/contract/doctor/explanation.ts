import * as v from 'valibot';
import { QuestionId } from './diagnosis.ts';

/** What `doctor --explain QUESTION --json` prints: a question, and its thresholds. */
export const Explanation = v.object({
  schemaVersion: v.literal(1),
  id: QuestionId,
  /** The question in words. */
  asks: v.string(),
  /** How the answer is found, and what it can't tell. */
  method: v.string(),
  thresholds: v.array(
    v.object({
      /** As in `--threshold NAME=VALUE`. */
      name: v.string(),
      value: v.number(),
      meaning: v.string(),
    }),
  ),
});
export type Explanation = v.InferOutput<typeof Explanation>;
