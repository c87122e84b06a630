import { Stack, Validations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import * as v from 'valibot';

/** Acknowledges findings of cdk-nag that are no risk here, by ID and with the reason. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** Acknowledges wildcards in the resources of one statement, with the reason why the resources can't be narrower. */
export function acknowledgeWildcards(construct: IConstruct, arns: readonly string[], reason: string): void {
  for (const arn of arns) {
    const name = nagName(Stack.of(construct).resolve(arn));
    if (name.includes('*')) acknowledge(construct, { [`AwsSolutions-IAM5[Resource::${name}]`]: reason });
  }
}

const Join = v.object({ 'Fn::Join': v.tuple([v.string(), v.array(v.unknown())]) });
const Attribute = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) });
const Reference = v.object({ Ref: v.string() });
/** The name of the bootstrap stack's bucket has its references in the text. */
const Substitution = v.object({ 'Fn::Sub': v.string() });

/** An ARN in the form that cdk-nag uses in a finding's ID, with references in angle brackets. */
function nagName(value: unknown): string {
  if (typeof value === 'string') return value;
  if (v.is(Join, value)) {
    const [separator, parts] = value['Fn::Join'];
    return parts.map(nagName).join(separator);
  }
  if (v.is(Attribute, value)) return `<${value['Fn::GetAtt'].join('.')}>`;
  if (v.is(Substitution, value)) return value['Fn::Sub'].replaceAll('${', '<').replaceAll('}', '>');
  return `<${v.parse(Reference, value).Ref}>`;
}
