import { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { endpointOf, requestHandlerOf, USER_AGENT, type WireSettings } from './client-options.ts';
import { refuseHtml } from './foreign-response.ts';
import { TransientRetry } from './transient-retry.ts';

/** With a transient fault in one of ten requests, six attempts leave one failed call in a million. */
export const TRANSIENT_ATTEMPTS = 6;

/** Names of the global endpoints in the place of a Region, each with a Region of the same partition. */
const regionOfGlobalEndpoint: Readonly<Record<string, string>> = {
  'aws-global': 'us-east-1',
  'aws-cn-global': 'cn-north-1',
  'aws-us-gov-global': 'us-gov-west-1',
  'aws-iso-global': 'us-iso-east-1',
  'aws-iso-b-global': 'us-isob-east-1',
  'aws-iso-e-global': 'eu-isoe-west-1',
  'aws-iso-f-global': 'us-isof-south-1',
};

export interface StsSettings extends WireSettings {
  readonly credentials?: AwsCredentialIdentityProvider;
  /** Region of the endpoint. If undefined, the SDK finds it in the environment and in ~/.aws/config. */
  readonly region?: string | undefined;
}

/**
 * A client of a Regional STS endpoint. AWS advises against the global one, which depends on one Region, and its sessions are
 * not valid in Regions that are not active by default. A throttled call fails at once: AssumeRole has its own backoff, so
 * that throttled calls are counted.
 */
export function regionalStsClient(settings: StsSettings): STSClient {
  const { region, credentials } = settings;
  const client = new STSClient({
    ...(region === undefined ? {} : { region: regionOfGlobalEndpoint[region] ?? region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...endpointOf(settings),
    useGlobalEndpoint: false,
    customUserAgent: USER_AGENT,
    retryStrategy: new TransientRetry(TRANSIENT_ATTEMPTS),
    requestHandler: requestHandlerOf(settings),
  });
  refuseHtml(client.middlewareStack);
  return client;
}
