import { LambdaClient } from '@aws-sdk/client-lambda';
import { requestHandlerOf } from '../../aws/client-options.ts';
import { LambdaFunctionLimit } from '../../aws/lambda-function-limit.ts';
import type { Services } from '../../core/ports/services.ts';
import { cloudServices } from './cloud-services.ts';

let services: Services | null = null;

/** The services of PlanRun. Only PlanRun's bundle contains the client of AWS Lambda, which has 73 KB. */
export function planningServices(): Services {
  // In a VPC without a route to Lambda the request times out early, before the function's own time-out.
  services ??= {
    ...cloudServices(),
    functionLimit: new LambdaFunctionLimit(new LambdaClient({ requestHandler: requestHandlerOf({}) })),
  };
  return services;
}
