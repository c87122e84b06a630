import type { RemedyContext } from './context.ts';
import { regionFor } from '../../places/region.ts';
import { partitionFor, roleArnFor } from './safe-values.ts';
import type { Client, Examples } from './select-examples.ts';
import { baseOf, commented, type Base, profile, profileWorks } from './profile.ts';

const javascript = (role: string, seconds: number): string => `
import { IAMClient } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

// Once, when the process starts. The client keeps the session and renews it 5 minutes before its end.
const iam = new IAMClient({
  credentials: fromTemporaryCredentials({
    params: { RoleArn: '${role}', RoleSessionName: 'my-service', DurationSeconds: ${seconds} },
  }),
});
// Other clients take the credentials of the first: with the provider itself, each client requests its own session.
const s3 = new S3Client({ credentials: iam.config.credentials });`;

const javascriptHandler = `
export const handler = async () => {
  // Use iam and s3 here. Do not create clients or providers here.
};`;

const javascript2 = (role: string, seconds: number): string => `
const AWS = require('aws-sdk');

// Once, when the process starts. All clients share it, and it renews the session.
AWS.config.credentials = new AWS.ChainableTemporaryCredentials({
  params: { RoleArn: '${role}', RoleSessionName: 'my-service', DurationSeconds: ${seconds} },
});
const iam = new AWS.IAM();
const s3 = new AWS.S3();`;

const python = (config: string): string => `
# ~/.aws/config:
${commented(config)}
import boto3

# Once, when the process starts. All its clients share one AssumeRole session, which is renewed 15 minutes before its end.
session = boto3.Session(profile_name="my-role")
iam = session.client("iam")
s3 = session.client("s3")`;

const pythonLambda = (config: string): string => `
# File aws-config in the function's package:
${commented(config)}
# Environment variable of the function: AWS_CONFIG_FILE=/var/task/aws-config
import boto3

# Outside of the handler: once for each execution environment.
session = boto3.Session(profile_name="my-role")
iam = session.client("iam")


def handler(event, context):
    # Use iam here. Do not create sessions or clients here.
    return None`;

const java = (role: string, seconds: number): string => `
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

// Once, when the process starts. All clients share it, and it renews the session.
StsAssumeRoleCredentialsProvider credentials = StsAssumeRoleCredentialsProvider.builder()
    .stsClient(StsClient.create())
    .refreshRequest(request -> request
        .roleArn("${role}")
        .roleSessionName("my-service")
        .durationSeconds(${seconds}))
    .build();
IamClient iam = IamClient.builder().region(Region.AWS_GLOBAL).credentialsProvider(credentials).build();`;

const java1 = (role: string, seconds: number): string => `
import com.amazonaws.auth.STSAssumeRoleSessionCredentialsProvider;
import com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClientBuilder;

// Once, when the process starts. Give it to the builder of each client (withCredentials): they share the session.
STSAssumeRoleSessionCredentialsProvider credentials = new STSAssumeRoleSessionCredentialsProvider
    .Builder("${role}", "my-service")
    .withRoleSessionDurationSeconds(${seconds})
    .withStsClient(AWSSecurityTokenServiceClientBuilder.defaultClient())
    .build();`;

const go = (role: string, seconds: number): string => `
import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Call it once, when the process starts. All clients made with the configuration share the session.
func roleConfig(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "${role}", func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = "my-service"
		o.Duration = ${seconds} * time.Second
	})
	cfg.Credentials = aws.NewCredentialsCache(provider)
	return cfg, nil
}`;

const go1 = (role: string, seconds: number): string => `
import (
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials/stscreds"
	"github.com/aws/aws-sdk-go/aws/session"
)

// Call it once, when the process starts. All clients made with the session share the role's session.
func roleSession() *session.Session {
	base := session.Must(session.NewSession())
	credentials := stscreds.NewCredentials(base, "${role}", func(p *stscreds.AssumeRoleProvider) {
		p.Duration = ${seconds} * time.Second
	})
	return base.Copy(aws.NewConfig().WithCredentials(credentials))
}`;

const cli = (config: string, base: Base): string => `
# ~/.aws/config:
${commented(config)}
${base === 'lambda' ? '# Lambda: only /tmp can be written. The file above is aws-config in the package.\nexport HOME=/tmp AWS_CONFIG_FILE=/var/task/aws-config\n' : ''}# The AWS CLI keeps the session in ~/.aws/cli/cache. The second command does not call AssumeRole:
aws iam list-users --profile my-role
aws s3 ls --profile my-role

# With AWS CLI v2, one session for other programs of a job:
eval "$(aws configure export-credentials --profile my-role --format env)"`;

export const ci = (role: string, region: string, seconds: number): string => `
permissions:
  id-token: write
  contents: read
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      # One session for the whole job, by OpenID Connect. The steps do not call AssumeRole.
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: ${role}
          role-duration-seconds: ${seconds}
          aws-region: ${region}`;

const duration = (seconds: number): string => (seconds % 3_600 === 0 ? `${seconds / 3_600}h` : `${seconds}s`);

const terraform = (role: string, region: string, seconds: number): string => `
# One provider for each role, shared by all resources and modules that use it: each provider requests a session.
provider "aws" {
  alias  = "my_role"
  region = "${region}"

  assume_role {
    role_arn     = "${role}"
    session_name = "terraform"
    duration     = "${duration(seconds)}"
  }
}

data "aws_caller_identity" "my_role" {
  provider = aws.my_role
}`;

/**
 * How each client keeps one session of a role. The code in most languages uses the credentials that the SDK finds, so it
 * works everywhere. A profile names their source, so it depends on the place where the client runs.
 */
export const roleSessionExamples =
  (context: RemedyContext, seconds: number) =>
  (client: Client): Examples => {
    const role = roleArnFor(context);
    const region = regionFor(context.region);
    const base = baseOf(context.kind, client);
    const config = profile(role, seconds, base, partitionFor(context));
    const isForCli = profileWorks(client, base) || client.tool === 'aws-cli';
    const examples: Examples = {
      javascript: javascript(role, seconds),
      'javascript-lambda': `${javascript(role, seconds)}\n${javascriptHandler}`,
      'javascript-v2': javascript2(role, seconds),
      python: python(config),
      'python-lambda': pythonLambda(config),
      java: java(role, seconds),
      'java-v1': java1(role, seconds),
      go: go(role, seconds),
      'go-v1': go1(role, seconds),
      ...(isForCli ? { cli: cli(config, base) } : {}),
      // GitHub's own runners are not on AWS.
      ...(client.runtime === null ? { ci: ci(role, region, seconds) } : {}),
      terraform: terraform(role, region, seconds),
      ...(profileWorks(client, base) ? { config: configFile(config) } : {}),
    };
    return Object.fromEntries(Object.entries(examples).map(([kind, code]) => [kind, code.trim()]));
  };

const configFile = (config: string): string => `${config}

# Then start the program with AWS_PROFILE=my-role and without AWS_ACCESS_KEY_ID.
# SDKs for Go v1 and JavaScript v2 also need AWS_SDK_LOAD_CONFIG=1, and SDKs for Java the module sts.`;
