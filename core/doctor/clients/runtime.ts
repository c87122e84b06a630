import { metricsOf } from './retry-mode.ts';
import type { Product } from './user-agent.ts';

export const runtimes = ['lambda', 'ecs', 'ec2', 'codebuild', 'web-identity'] as const;
export type Runtime = (typeof runtimes)[number];

/** Metrics of the source of credentials: `CREDENTIALS_…` in @aws-sdk/types (feature-ids.d.ts) and botocore. */
const INSTANCE_METADATA = '0';
/** The endpoint for containers, in ECS and in EKS with Pod Identity. */
const CONTAINER = 'z';
/** A token in a file, named by the environment or a profile: in EKS with roles for service accounts. */
const WEB_IDENTITY: readonly string[] = ['h', 'q', 'k'];

/**
 * Where a client runs. SDKs copy the variable AWS_EXECUTION_ENV, which Lambda and ECS set, into `exec-env/`. A build of
 * CodeBuild has ECS's value unless it sets another one.
 */
export const runtimeOf = (products: readonly Product[]): Runtime | null => {
  const environment = products.find(({ name }) => name === 'exec-env')?.value.toLowerCase() ?? '';
  if (environment.startsWith('aws_lambda')) return 'lambda';
  if (environment.includes('codebuild')) return 'codebuild';
  if (environment.startsWith('aws_ecs')) return 'ecs';
  const metrics = metricsOf(products);
  if (environment === 'ec2' || metrics.includes(INSTANCE_METADATA)) return 'ec2';
  if (metrics.includes(CONTAINER)) return 'ecs';
  return metrics.some((metric) => WEB_IDENTITY.includes(metric)) ? 'web-identity' : null;
};
