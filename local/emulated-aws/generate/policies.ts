import type { PolicyDocument } from '../account.ts';

type Patterns = string | readonly string[];

export interface StatementSource {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: Patterns;
  readonly NotAction?: Patterns;
  readonly Resource?: Patterns;
  readonly NotResource?: Patterns;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Patterns>>>>;
}

export const policy = (...statements: readonly StatementSource[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

export const allow = (Action: Patterns, Resource: Patterns = '*'): StatementSource => ({
  Effect: 'Allow',
  Action,
  Resource,
});

export const deny = (Action: Patterns, Resource: Patterns = '*'): StatementSource => ({
  Effect: 'Deny',
  Action,
  Resource,
});

/** By name: AWS managed policies that the generated accounts use. */
export const awsManaged: Readonly<Record<string, PolicyDocument>> = {
  AdministratorAccess: policy(allow('*')),
  PowerUserAccess: policy(
    { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
    allow([
      'iam:CreateServiceLinkedRole',
      'iam:DeleteServiceLinkedRole',
      'iam:ListRoles',
      'organizations:DescribeOrganization',
    ]),
  ),
  IAMReadOnlyAccess: policy(
    allow(['iam:Get*', 'iam:List*', 'iam:GenerateCredentialReport', 'iam:SimulatePrincipalPolicy']),
  ),
  ViewOnlyAccess: policy(allow(['ec2:Describe*', 'lambda:List*', 'rds:Describe*', 's3:ListAllMyBuckets', 'iam:List*'])),
  AWSLambdaBasicExecutionRole: policy(allow(['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'])),
};
