import { type Client, type Examples, isVersion } from './select-examples.ts';

/** Attempts of a call, the first one included. */
const ATTEMPTS = 8;

interface Names {
  readonly javascript: string;
  readonly python: string;
  readonly php: string;
  readonly java: string;
  readonly javaOld: string;
  readonly javaOldPackage: string;
  readonly go: string;
}

const iam: Names = {
  javascript: 'IAM',
  python: 'iam',
  php: 'Iam',
  java: 'Iam',
  javaOld: 'AmazonIdentityManagement',
  javaOldPackage: 'identitymanagement',
  go: 'iam',
};

const sts: Names = {
  javascript: 'STS',
  python: 'sts',
  php: 'Sts',
  java: 'Sts',
  javaOld: 'AWSSecurityTokenService',
  javaOldPackage: 'securitytoken',
  go: 'sts',
};

const javascript = (names: Names): string => `
import { ${names.javascript}Client } from '@aws-sdk/client-${names.python}';

// One client for the whole program. For calls that a user waits for: retryMode: 'standard'.
const ${names.python} = new ${names.javascript}Client({ retryMode: 'adaptive', maxAttempts: ${ATTEMPTS} });`;

const php = (names: Names): string => `
use Aws\\${names.php}\\${names.php}Client;

// One client for the whole program. 'adaptive' also slows down new calls: use it in jobs that may take longer.
\$${names.python} = new ${names.php}Client([
    'region' => '${names === iam ? 'us-east-1' : 'eu-west-1'}',
    'version' => 'latest',
    'retries' => ['mode' => 'standard', 'max_attempts' => ${ATTEMPTS}],
]);`;

const kotlin = (names: Names): string => `
import aws.sdk.kotlin.services.${names.python}.${names.java}Client
import kotlin.time.Duration.Companion.milliseconds

// One client for the whole program. Waits a random time before each retry: at most 0.5 s, 1 s, 2 s and so on.
val ${names.python} = ${names.java}Client.fromEnvironment {
    retryStrategy {
        maxAttempts = ${ATTEMPTS}
        delayProvider {
            initialDelay = 500.milliseconds
            scaleFactor = 2.0
        }
    }
}`;

const javascript2 = (names: Names): string => `
const AWS = require('aws-sdk');

// Waits a random time before each retry: at most 0.5 s, 1 s, 2 s and so on.
const ${names.python} = new AWS.${names.javascript}({ maxRetries: ${ATTEMPTS - 1}, retryDelayOptions: { base: 500 } });`;

const python = (names: Names): string => `
import boto3
from botocore.config import Config

# One client for the whole program. For calls that a user waits for: "mode": "standard".
retries = {"mode": "adaptive", "total_max_attempts": ${ATTEMPTS}}
${names.python} = boto3.client("${names.python}", config=Config(retries=retries))`;

const java = (names: Names): string => `
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.${names.python}.${names.java}Client;
${names === iam ? 'import software.amazon.awssdk.regions.Region;\n' : ''}
// One client for the whole program. For calls that a user waits for: AwsRetryStrategy.standardRetryStrategy().
${names.java}Client ${names.python} = ${names.java}Client.builder()${names === iam ? '\n    .region(Region.AWS_GLOBAL)' : ''}
    .overrideConfiguration(o -> o.retryStrategy(
        AwsRetryStrategy.adaptiveRetryStrategy().toBuilder().maxAttempts(${ATTEMPTS}).build()))
    .build();`;

const java1 = (names: Names): string => `
import com.amazonaws.ClientConfiguration;
import com.amazonaws.retry.RetryMode;
import com.amazonaws.services.${names.javaOldPackage}.${names.javaOld};
import com.amazonaws.services.${names.javaOldPackage}.${names.javaOld}ClientBuilder;

// One client for the whole program.
${names.javaOld} ${names.python} = ${names.javaOld}ClientBuilder.standard()
    .withClientConfiguration(new ClientConfiguration()
        .withRetryMode(RetryMode.STANDARD)
        .withMaxErrorRetry(${ATTEMPTS - 1}))
    .build();`;

const go = (names: Names): string => `
import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/${names.go}"
)

// Call it once: one client for the whole program. For calls that a user waits for: aws.RetryModeStandard.
func newClient(ctx context.Context) (*${names.go}.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRetryMode(aws.RetryModeAdaptive),
		config.WithRetryMaxAttempts(${ATTEMPTS}),
	)
	if err != nil {
		return nil, err
	}
	return ${names.go}.NewFromConfig(cfg), nil
}`;

const go1 = (names: Names): string => `
import (
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/client"
	"github.com/aws/aws-sdk-go/aws/request"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/${names.go}"
)

// Call it once: one client for the whole program. Waits a random time before each retry, up to 20 s.
func newClient() *${names.go}.${names.go.toUpperCase()} {
	retryer := client.DefaultRetryer{NumMaxRetries: ${ATTEMPTS - 1}, MinThrottleDelay: time.Second, MaxThrottleDelay: 20 * time.Second}
	return ${names.go}.New(session.Must(session.NewSession(request.WithRetryer(aws.NewConfig(), retryer))))
}`;

const cli = `
# Each command is a process of its own, so mode adaptive has no effect between commands.
export AWS_RETRY_MODE=standard
export AWS_MAX_ATTEMPTS=${ATTEMPTS}`;

const terraform = `
# The provider retries a call 25 times by default (max_retries).
provider "aws" {
  retry_mode = "adaptive"
}

# Fewer calls at the same time (the default is 10):
# terraform apply -parallelism=4`;

const pulumi = `
# The provider retries a call 25 times by default (maxRetries). Fewer operations at the same time:
pulumi up --parallel 4`;

const environment = `
# standard, or adaptive for jobs that may take longer
AWS_RETRY_MODE=standard
AWS_MAX_ATTEMPTS=${ATTEMPTS}`;

const audit = `
# The audit paces its calls. Leave more of the rate to others:
npx iam-audit run --spread-over 360 --rate-share 0.5`;

/**
 * Clients that the environment variables do not help. The SDK for JavaScript v2 does not read them; the SDK for Kotlin has short
 * waits in each mode; the providers of Terraform and Pulumi make 25 attempts, which AWS_MAX_ATTEMPTS would lower.
 */
const usesEnvironment = (client: Client): boolean =>
  client.tool === null
    ? client.language !== 'kotlin' && !(client.language === 'javascript' && isVersion(client, '2'))
    : !isInfrastructure(client);

/** Tools built on Terraform's AWS provider, which has retries of its own. */
export const isInfrastructure = ({ tool }: Pick<Client, 'tool'>): boolean =>
  tool === 'terraform' || tool === 'opentofu' || tool === 'pulumi';

/** The examples that fit a client. */
export const withoutUnusedVariables = (client: Client, examples: Examples): Examples => {
  const { environment: variables, ...rest } = examples;
  return variables === undefined || !usesEnvironment(client) ? rest : { ...rest, environment: variables };
};

/** How each client retries with backoff. The client is for the service of the operation. */
export const retryExamples = (operation: string | null): ((client: Client) => Examples) => {
  const names = operation?.startsWith('sts:') === true ? sts : iam;
  const examples: Examples = {
    javascript: javascript(names),
    'javascript-v2': javascript2(names),
    python: python(names),
    java: java(names),
    'java-v1': java1(names),
    php: php(names),
    kotlin: kotlin(names),
    go: go(names),
    'go-v1': go1(names),
    cli,
    terraform,
    pulumi,
    environment,
    audit,
  };
  const trimmed = Object.fromEntries(Object.entries(examples).map(([kind, code]) => [kind, code.trim()]));
  return (client) => withoutUnusedVariables(client, trimmed);
};
