import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws } from './callers-without-code.ts';
import type { RemedyContext } from './context.ts';
import { regionFor, stsHostFor } from '../places/region.ts';
import { type Examples, selectExamples } from './select-examples.ts';

/** SDKs for JavaScript v3, Java v2, Go v2 and Rust use the Regional endpoint whenever a Region is set. */
const examplesFor = (context: RemedyContext): Examples => {
  const region = regionFor(context.region);
  const url = `https://${stsHostFor(context.region)}`;
  return {
    javascript: `import { STSClient } from '@aws-sdk/client-sts';

// Version 3 uses the endpoint of the Region. With fromTemporaryCredentials: clientConfig: { region: '${region}' }.
const sts = new STSClient({ region: '${region}' });`,
    'javascript-v2': `const AWS = require('aws-sdk');

const sts = new AWS.STS({ region: '${region}', stsRegionalEndpoints: 'regional' });`,
    python: `import boto3

# The URL is needed only in old versions of Boto3, which use the global endpoint by default.
sts = boto3.client("sts", region_name="${region}", endpoint_url="${url}")`,
    java: `import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;

StsClient sts = StsClient.builder().region(Region.of("${region}")).build();`,
    'java-v1': `import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.securitytoken.AWSSecurityTokenService;
import com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClientBuilder;

AWSSecurityTokenService sts = AWSSecurityTokenServiceClientBuilder.standard()
    .withEndpointConfiguration(new EndpointConfiguration("${url}", "${region}"))
    .build();`,
    go: `import (
	"context"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Version 2 uses the endpoint of the Region.
func newClient(ctx context.Context) (*sts.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("${region}"))
	if err != nil {
		return nil, err
	}
	return sts.NewFromConfig(cfg), nil
}`,
    'go-v1': `import (
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/endpoints"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

func newClient() *sts.STS {
	return sts.New(session.Must(session.NewSession(&aws.Config{
		Region:              aws.String("${region}"),
		STSRegionalEndpoint: endpoints.RegionalSTSEndpoint,
	})))
}`,
    cli: `export AWS_STS_REGIONAL_ENDPOINTS=regional
export AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
aws sts get-caller-identity`,
    terraform: `provider "aws" {
  region     = "${region}"
  sts_region = "${region}"
}`,
    environment: `AWS_STS_REGIONAL_ENDPOINTS=regional
AWS_REGION=${region}`,
    config: `[default]
region = ${region}
sts_regional_endpoints = regional`,
    audit: `npx iam-audit run --region ${region}`,
  };
};

/** Calls to the global endpoint of STS. */
export const stsEndpoint = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const host = stsHostFor(context.region);
  return {
    text: `Call the STS endpoint of a Region (${host}) instead of sts.amazonaws.com. The global endpoint and each Regional endpoint have separate limits, so calls to Regional endpoints do not compete with those of other Regions. Current SDKs do this if a Region is set; old versions, and JavaScript v2, Java v1, Go v1 and AWS CLI v1, also need AWS_STS_REGIONAL_ENDPOINTS=regional.`,
    examples: selectExamples(examplesFor(context), context.clients),
  };
};
