import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { WrongUsage } from './wrong-usage.ts';

export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
}

/** The Region that the environment sets. The SDK itself reads only the first variable, the AWS CLI both. */
export const regionOfEnvironment = (): string | undefined =>
  nonEmpty(process.env.AWS_REGION) ?? nonEmpty(process.env.AWS_DEFAULT_REGION);

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** The Region of the options, of the environment, or us-east-1. */
export const regionOf = ({ region }: AwsOptions): string => region ?? regionOfEnvironment() ?? 'us-east-1';

/** The SDK's default chain, or a profile of ~/.aws/config. @throws WrongUsage for a wrong setting of the environment */
export function credentialsOf(options: AwsOptions): AwsCredentialIdentityProvider {
  checkEndpoints(process.env);
  return options.profile === undefined
    ? fromNodeProviderChain({ clientConfig: { region: regionOf(options) } })
    : fromIni({ profile: options.profile });
}

/** The SDK would send its calls to a wrong address, and report only that it is invalid. @throws WrongUsage */
function checkEndpoints(environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!/^AWS_ENDPOINT_URL(_|$)/.test(name) || value === undefined || value === '') continue;
    if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) continue;
    throw new WrongUsage(
      `The environment variable ${name} is "${value}". It must be an address such as http://localhost:4566, or be unset.`,
    );
  }
}
