import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentityProvider } from '@smithy/types';

export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
}

/** The Region of the options, of the SDK's own environment variables, or us-east-1. */
export const regionOf = ({ region }: AwsOptions): string =>
  region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';

/** The SDK's default chain, or a profile of ~/.aws/config. */
export const credentialsOf = (options: AwsOptions): AwsCredentialIdentityProvider =>
  options.profile === undefined
    ? fromNodeProviderChain({ clientConfig: { region: regionOf(options) } })
    : fromIni({ profile: options.profile });
