import type { PolicyDocument } from '../account.ts';
import { allow, policy } from './policies.ts';

/** The purpose of a generated principal. */
export type PrincipalKind =
  'administrator' | 'powerUser' | 'deployer' | 'reader' | 'logsOnly' | 'dataWorker' | 'unused';

/** Share of principals by kind. The shares need not add up to 1. */
export const defaultShares: Readonly<Record<PrincipalKind, number>> = {
  administrator: 0.03,
  powerUser: 0.05,
  deployer: 0.15,
  reader: 0.17,
  logsOnly: 0.3,
  dataWorker: 0.2,
  unused: 0.1,
};

export interface KindTraits {
  /** AWS managed policies that are attached to the principal. */
  readonly attached: readonly string[];
  /** The principal's own policy for the resources of its team. */
  readonly own: ((team: string, accountId: string) => PolicyDocument) | null;
  /** Services that the principal calls, with their tracked actions. */
  readonly uses: Readonly<Record<string, readonly string[]>>;
}

export const kinds: Readonly<Record<PrincipalKind, KindTraits>> = {
  administrator: {
    attached: ['AdministratorAccess'],
    own: null,
    uses: { iam: ['ListRoles', 'GetRole'], s3: ['ListAllMyBuckets'] },
  },
  powerUser: {
    attached: ['PowerUserAccess'],
    own: null,
    uses: { ec2: ['DescribeInstances'], lambda: ['ListFunctions'] },
  },
  deployer: {
    attached: [],
    own: (team, accountId) =>
      policy(
        allow(['cloudformation:*', 'lambda:CreateFunction', 'lambda:UpdateFunctionCode', 'lambda:InvokeFunction']),
        allow('iam:PassRole', [`arn:aws:iam::${accountId}:role/${team}/*`]),
        allow(['s3:GetObject', 's3:PutObject'], `arn:aws:s3:::${team}-artifacts/*`),
        {
          Effect: 'Deny',
          Action: 'cloudformation:DeleteStack',
          Resource: `arn:aws:cloudformation:*:${accountId}:stack/${team}-production/*`,
        },
      ),
    uses: { cloudformation: ['CreateStack', 'DescribeStacks'], lambda: ['UpdateFunctionCode'], s3: [] },
  },
  reader: {
    attached: ['ViewOnlyAccess', 'IAMReadOnlyAccess'],
    own: (team) =>
      policy({
        Effect: 'Allow',
        Action: ['secretsmanager:GetSecretValue', 'ssm:StartSession'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/team': team }, Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      }),
    uses: { ec2: ['DescribeInstances'], iam: ['ListUsers'] },
  },
  logsOnly: { attached: ['AWSLambdaBasicExecutionRole'], own: null, uses: { logs: [] } },
  dataWorker: {
    attached: ['AWSLambdaBasicExecutionRole'],
    own: (team, accountId) =>
      policy(
        allow(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
          `arn:aws:dynamodb:eu-west-1:${accountId}:table/${team}`,
        ),
        allow('lambda:InvokeFunction', `arn:aws:lambda:eu-west-1:${accountId}:function:${team}-*`),
        allow('s3:*', [`arn:aws:s3:::${team}-data`, `arn:aws:s3:::${team}-data/\${aws:username}/*`]),
      ),
    uses: { dynamodb: ['DescribeTable'], s3: [] },
  },
  unused: {
    attached: ['ViewOnlyAccess'],
    own: (team) => policy(allow('sts:AssumeRole', `arn:aws:iam::*:role/${team}`)),
    uses: {},
  },
};
