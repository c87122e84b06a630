import { Template } from 'aws-cdk-lib/assertions';
import { auditApp } from '../../lib/audit-app.ts';

export type Json = Record<string, unknown>;
export interface Resource {
  readonly Type: string;
  readonly Properties: Json;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Condition?: string;
}
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** The template of the stack with these settings, synthesised without bundling. */
export const templateOf = (settings: Json = {}, env?: { account: string; region: string }): Template => {
  const { stack } = auditApp({ bundle: false, settings, ...(env === undefined ? {} : { env }) });
  return Template.fromStack(stack);
};

export const resourcesOf = (of: Template): [string, Resource][] =>
  Object.entries((of.toJSON() as { Resources: Record<string, Resource> }).Resources);
export const resourcesOfType = (type: string, of: Template): Resource[] =>
  resourcesOf(of)
    .filter(([, { Type }]) => Type === type)
    .map(([, resource]) => resource);
export const statementsOf = (policy: unknown): Statement[] => (policy as { Statement: Statement[] }).Statement;
export const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

export const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/12345678-90ab-cdef-1234-567890abcdef';
export const VPC = {
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  securityGroupIds: ['sg-0123456789abcdef0'],
};
export const VPC_WITH_ENDPOINTS = { ...VPC, endpoints: true, routeTableIds: ['rtb-0123456789abcdef0'] };
export const BOUNDARY = 'arn:aws:iam::111122223333:policy/boundary';

/** A value as CloudFormation resolves it, with names as long as AWS makes them. */
export function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { 'Fn::Join': join, Ref: ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(resolved).join(String(join[0]));
  if (ref === 'AWS::Partition') return 'aws';
  if (ref === 'AWS::AccountId') return '111122223333';
  if (ref === 'AWS::Region') return 'ap-southeast-3';
  if (ref !== undefined) return 'x'.repeat(64);
  if (attribute !== undefined) return 'x'.repeat(110);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part)]));
}
