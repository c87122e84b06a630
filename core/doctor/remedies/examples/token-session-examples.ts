import type { RemedyContext } from './context.ts';
import { EKS_TOKEN_FILE } from './profile.ts';
import { ci } from './role-session-examples.ts';
import { regionFor } from '../../places/region.ts';
import { roleArnFor } from './safe-values.ts';
import type { Examples } from './select-examples.ts';

/** How a client keeps one session of GetSessionToken. No profile requests such sessions. Without MFA they can't call IAM. */
export const sessionTokenExamples = (seconds: number): Examples => ({
  javascript: `import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';

const sts = new STSClient();
// The client keeps the session and calls this again 5 minutes before its end. With MFA, add SerialNumber and TokenCode:
// each session needs a new code.
const sessionToken = async () => {
  const { Credentials } = await sts.send(new GetSessionTokenCommand({ DurationSeconds: ${seconds} }));
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
    expiration: Credentials.Expiration,
  };
};

// Once, when the process starts. Other clients take the credentials of the first.
const s3 = new S3Client({ credentials: sessionToken });
const lambda = new LambdaClient({ credentials: s3.config.credentials });`,
  'javascript-v2': `const AWS = require('aws-sdk');

// Once, when the process starts. All clients share it, and it renews the session.
AWS.config.credentials = new AWS.TemporaryCredentials({ DurationSeconds: ${seconds} });
const s3 = new AWS.S3();
const lambda = new AWS.Lambda();`,
  python: `import boto3

# Once, when the process starts: all clients share the session. With MFA, add SerialNumber and TokenCode.
token = boto3.client("sts").get_session_token(DurationSeconds=${seconds})["Credentials"]
session = boto3.Session(
    aws_access_key_id=token["AccessKeyId"],
    aws_secret_access_key=token["SecretAccessKey"],
    aws_session_token=token["SessionToken"],
)
s3 = session.client("s3")
functions = session.client("lambda")`,
  java: `import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsGetSessionTokenCredentialsProvider;
import software.amazon.awssdk.services.sts.model.GetSessionTokenRequest;

// Once, when the process starts. All clients share it, and it renews the session.
StsGetSessionTokenCredentialsProvider credentials = StsGetSessionTokenCredentialsProvider.builder()
    .stsClient(StsClient.create())
    .refreshRequest(GetSessionTokenRequest.builder().durationSeconds(${seconds}).build())
    .build();
S3Client s3 = S3Client.builder().credentialsProvider(credentials).build();`,
  go: `import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Call it once, when the process starts. All clients made with the configuration share the session.
func sessionConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	client := sts.NewFromConfig(cfg)
	cfg.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(
		func(ctx context.Context) (aws.Credentials, error) {
			out, err := client.GetSessionToken(ctx, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(${seconds})})
			if err != nil {
				return aws.Credentials{}, err
			}
			return aws.Credentials{
				AccessKeyID:     aws.ToString(out.Credentials.AccessKeyId),
				SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
				SessionToken:    aws.ToString(out.Credentials.SessionToken),
				CanExpire:       true,
				Expires:         aws.ToTime(out.Credentials.Expiration),
			}, nil
		}))
	return cfg, nil
}`,
  cli: `# Once for the whole job. With MFA, add --serial-number and --token-code.
token=$(aws sts get-session-token --duration-seconds ${seconds} --output json)
${exported}`,
});

const exported = `export AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId <<<"$token")
export AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey <<<"$token")
export AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken <<<"$token")

# All commands of the job now use this session:
aws s3 ls
aws lambda list-functions`;

/** How a program keeps one session of GetFederationToken for each federated user. */
export const federationTokenExamples = (seconds: number): Examples => ({
  javascript: `import { GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';

const sts = new STSClient();
const sessions = new Map();

// Requests a session only if the user has none that lasts 15 more minutes.
export const credentialsFor = async (name, policy) => {
  const key = JSON.stringify([name, policy]);
  const known = sessions.get(key);
  if (known && known.Expiration.getTime() - Date.now() > 900_000) return known;
  const command = new GetFederationTokenCommand({ Name: name, Policy: policy, DurationSeconds: ${seconds} });
  const { Credentials } = await sts.send(command);
  sessions.set(key, Credentials);
  return Credentials;
};`,
  python: `from datetime import datetime, timedelta, timezone

import boto3

sts = boto3.client("sts")
sessions = {}


def credentials_for(name, policy):
    """Requests a session only if the user has none that lasts 15 more minutes."""
    known = sessions.get((name, policy))
    if known is None or known["Expiration"] - datetime.now(timezone.utc) < timedelta(minutes=15):
        known = sts.get_federation_token(Name=name, Policy=policy, DurationSeconds=${seconds})["Credentials"]
        sessions[(name, policy)] = known
    return known`,
  cli: `# Once for the whole job:
token=$(aws sts get-federation-token --name NAME --policy file://policy.json --duration-seconds ${seconds} --output json)
${exported}`,
});

/** How a client keeps one session of AssumeRoleWithWebIdentity. */
export const webIdentityExamples = (context: RemedyContext, seconds: number): Examples => {
  const role = roleArnFor(context);
  const region = regionFor(context.region);
  return {
    javascript: `import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { fromTokenFile } from '@aws-sdk/credential-providers';

// Once, when the process starts. It reads AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN.
const iam = new IAMClient({ credentials: fromTokenFile() });
// Other clients take the credentials of the first: with the provider itself, each client requests its own session.
const s3 = new S3Client({ credentials: iam.config.credentials });`,
    python: `import boto3

# Once, when the process starts. It reads AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. All its clients share the session.
session = boto3.Session()
iam = session.client("iam")
s3 = session.client("s3")`,
    java: `import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;

// Once, when the process starts. It reads AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. It needs the module sts.
WebIdentityTokenFileCredentialsProvider credentials = WebIdentityTokenFileCredentialsProvider.create();
IamClient iam = IamClient.builder().region(Region.AWS_GLOBAL).credentialsProvider(credentials).build();`,
    go: `import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Call it once, when the process starts. It reads AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. All clients made with the
// configuration share the session.
func sessionConfig(ctx context.Context) (aws.Config, error) {
	return config.LoadDefaultConfig(ctx)
}`,
    cli: `# AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are set. With AWS CLI v2, one session for all commands of a job:
eval "$(aws configure export-credentials --format env)"
aws iam list-users
aws s3 ls`,
    ci: ci(role, region, seconds).trim(),
    terraform: `# One provider for each role, shared by all resources and modules that use it: each provider requests a session.
provider "aws" {
  region = "${region}"

  assume_role_with_web_identity {
    role_arn                = "${role}"
    session_name            = "terraform"
    web_identity_token_file = "${EKS_TOKEN_FILE}"
  }
}`,
    environment: `# EKS sets them in the pods of a service account that has a role:
AWS_ROLE_ARN=${role}
AWS_WEB_IDENTITY_TOKEN_FILE=${EKS_TOKEN_FILE}`,
  };
};
