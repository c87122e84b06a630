import { metricsOf } from './retry-mode.ts';
import type { Product } from './user-agent.ts';

export const runtimes = ['lambda', 'ecs', 'ec2', 'codebuild'] as const;
export type Runtime = (typeof runtimes)[number];

/** Metric of credentials from the instance metadata service: `CREDENTIALS_IMDS` in @aws-sdk/types and botocore. */
const INSTANCE_METADATA = '0';

/**
 * Where a client runs. SDKs copy the variable AWS_EXECUTION_ENV, which Lambda and ECS set, into `exec-env/`. A build of
 * CodeBuild has ECS's value unless it sets another one.
 */
export const runtimeOf = (products: readonly Product[]): Runtime | null => {
  const environment = products.find(({ name }) => name === 'exec-env')?.value.toLowerCase() ?? '';
  if (environment.startsWith('aws_lambda')) return 'lambda';
  if (environment.includes('codebuild')) return 'codebuild';
  if (environment.startsWith('aws_ecs')) return 'ecs';
  if (environment === 'ec2' || metricsOf(products).includes(INSTANCE_METADATA)) return 'ec2';
  return null;
};
