import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import * as v from 'valibot';

/** Findings of cdk-nag that are right about the template and wrong about the risk: each by its id, with the reason. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** Wildcards in the resources of one statement, with the reason why they can't be narrower. */
export function acknowledgeWildcards(construct: IConstruct, arns: readonly string[], reason: string): void {
  for (const arn of arns) {
    const shown = asNagShows(Stack.of(construct).resolve(arn));
    if (shown.includes('*')) acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${shown}]`]: reason });
  }
}

const Join = v.object({ 'Fn::Join': v.tuple([v.string(), v.array(v.unknown())]) });
const Attribute = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) });
const Reference = v.object({ Ref: v.string() });

/** An ARN as cdk-nag names it in a finding: references in angle brackets. */
function asNagShows(value: unknown): string {
  if (typeof value === 'string') return value;
  if (v.is(Join, value)) {
    const [separator, parts] = value['Fn::Join'];
    return parts.map(asNagShows).join(separator);
  }
  if (v.is(Attribute, value)) return `<${value['Fn::GetAtt'].join('.')}>`;
  return `<${v.parse(Reference, value).Ref}>`;
}
