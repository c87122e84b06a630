import type { Finding } from '../contract/finding.ts';
import type { RunSummary } from '../contract/run.ts';
import { rules } from '../findings/rules/all-rules.ts';
import type { Rule } from '../findings/rule.ts';

/** The findings of a run, and what an export needs to know about it. */
export interface ExportedRun {
  readonly run: RunSummary;
  readonly findings: AsyncIterable<Finding>;
}

/** The run's end; its start while it has not ended. ISO 8601. */
export const runTime = ({ startedAt, finishedAt }: RunSummary): string => finishedAt ?? startedAt;

const rulesById = new Map(rules.map((rule) => [rule.id, rule]));

/** The rule of a finding; null for a rule of another version. */
export const ruleOf = ({ rule }: Finding): Rule | null => rulesById.get(rule) ?? null;

/** Partition of an ARN, such as `aws`. */
export const partitionOf = (arn: string): string => arn.split(':')[1] ?? 'aws';

/** Cuts a text to a format's limit of UTF-16 code units, and shows that it was cut. */
export const limited = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** A JSON array, one element in each line. */
export async function* jsonArray(elements: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before: string | null = null;
  yield '[';
  for await (const element of elements) {
    if (before !== null) yield `${before},`;
    before = JSON.stringify(element);
  }
  if (before !== null) yield before;
  yield ']';
}
