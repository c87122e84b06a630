import { LambdaClient } from '@aws-sdk/client-lambda';
import { requestHandlerOf } from '../../aws/client-options.ts';
import { SdkLambdaConcurrency } from '../../aws/lambda-concurrency.ts';
import type { Services } from '../../core/ports/services.ts';
import { cloudServices } from './cloud-services.ts';

let services: Services | null = null;

/** The services of PlanRun. They have their own module, so that only PlanRun's bundle has the Lambda client (73 KB). */
export function planningServices(): Services {
  // In a VPC without a route to Lambda, these timeouts end the request before PlanRun itself times out.
  services ??= {
    ...cloudServices(),
    lambdaConcurrency: new SdkLambdaConcurrency(new LambdaClient({ requestHandler: requestHandlerOf({}) })),
  };
  return services;
}
