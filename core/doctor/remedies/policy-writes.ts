import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws, remedyForControllers } from './callers-without-code.ts';
import type { RemedyContext } from './context.ts';
import { partitionFor, roleArnFor } from './safe-values.ts';
import { type Examples, selectExamples } from './select-examples.ts';

const TEXT =
  "Do not change the policy. Pass the part that differs with each session: as a session policy in AssumeRole (Policy or PolicyArns), or as a session tag that the policy compares with ${aws:PrincipalTag/…}. The role's own policy must allow everything that any session needs. Each session gets only the permissions that both policies allow. Session policies take effect at once. They may have 2,048 characters, including ARNs, and at most 10 ARNs.";

const TERRAFORM =
  'If Terraform changes the policy while the service runs, remove the part that differs from its configuration: each apply for a customer or deployment writes the policy again.';

const bucketArn = (partition: string): string => `arn:${partition}:s3:::my-bucket`;

/** The policy of one session in the examples. */
const javaPolicy = (bucket: string): string =>
  `{\\"Version\\":\\"2012-10-17\\",\\"Statement\\":[{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"s3:GetObject\\",\\"Resource\\":\\"${bucket}/tenant-1/*\\"}]}`;

/** @param bucket the ARN of a bucket, in the partition of the role */
const examplesFor = (role: string, bucket: string): Examples => ({
  javascript: `import { S3Client } from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

// Once for each tenant. Keep the client: it renews the session.
const clientFor = (tenant) =>
  new S3Client({
    credentials: fromTemporaryCredentials({
      params: {
        RoleArn: '${role}',
        RoleSessionName: tenant,
        DurationSeconds: 3600,
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: \`${bucket}/\${tenant}/*\` }],
        }),
      },
    }),
  });`,
  python: `import json

import boto3

sts = boto3.client("sts")


# Once for each tenant and hour. Keep the credentials until shortly before Expiration.
def credentials_for(tenant):
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"${bucket}/{tenant}/*"}
        ],
    }
    return sts.assume_role(
        RoleArn="${role}",
        RoleSessionName=tenant,
        DurationSeconds=3600,
        Policy=json.dumps(policy),
    )["Credentials"]`,
  java: `import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

// Once for each tenant. Keep the provider: it renews the session.
StsAssumeRoleCredentialsProvider credentials = StsAssumeRoleCredentialsProvider.builder()
    .stsClient(StsClient.create())
    .refreshRequest(request -> request
        .roleArn("${role}")
        .roleSessionName("tenant-1")
        .policy("${javaPolicy(bucket)}"))
    .build();`,
  go: `import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Once for each tenant. Keep the cache: it renews the session.
func credentialsFor(client *sts.Client, tenant string, policy string) *aws.CredentialsCache {
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, "${role}", func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = tenant
		o.Policy = aws.String(policy)
	}))
}`,
  cli: `aws sts assume-role --role-arn ${role} --role-session-name tenant-1 \\
  --policy '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"${bucket}/tenant-1/*"}]}'`,
});

/** With session tags, the sessions differ only in a tag. */
const tagExamples = (partition: string): Remedy['examples'] => [
  {
    for: "The role's policy, with session tags",
    code: JSON.stringify(
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 's3:GetObject',
            Resource: `${bucketArn(partition)}/\${aws:PrincipalTag/tenant}/*`,
          },
        ],
      },
      null,
      2,
    ),
  },
  {
    for: "A statement of the role's trust policy, for session tags",
    code: JSON.stringify(
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::111122223333:role/SERVICE_ROLE` },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['tenant'] } },
      },
      null,
      2,
    ),
  },
];

const TRUST =
  "Do not change the role's trust policy at run time. A session policy does not replace a trust policy, which says who may assume the role. Write a trust policy that need not change: allow a whole organization or a path with conditions (aws:PrincipalOrgID, aws:PrincipalArn), or principals with a tag (aws:PrincipalTag), and give or remove that tag or the permission sts:AssumeRole on the side of the callers. If each partner needs its own external ID, create one role for each partner instead of adding partners to one policy.";

/** A statement that stays the same when callers are added. */
const trustExample = (partition: string): Remedy['examples'] => [
  {
    for: "A statement of the role's trust policy that need not change",
    code: JSON.stringify(
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid', 'aws:PrincipalTag/partner-access': 'true' },
          ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::*:role/partners/*` },
        },
      },
      null,
      2,
    ),
  },
];

/** Policies that are changed again and again while a service runs. */
export const policyWrites = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const controllers = remedyForControllers(context, true);
  if (controllers !== null) return controllers;
  const partition = partitionFor(context);
  if (context.operation === 'iam:UpdateAssumeRolePolicy') return { text: TRUST, examples: trustExample(partition) };
  const isTerraform = context.clients.some(
    ({ tool }) => tool === 'terraform' || tool === 'opentofu' || tool === 'pulumi',
  );
  const examples = examplesFor(roleArnFor(context), bucketArn(partition));
  return {
    text: isTerraform ? `${TERRAFORM} ${TEXT}` : TEXT,
    examples: [...selectExamples(examples, context.clients), ...tagExamples(partition)],
  };
};
