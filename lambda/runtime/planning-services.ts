import { LambdaClient } from '@aws-sdk/client-lambda';
import { requestHandlerOf } from '../../aws/client-options.ts';
import { LambdaFunctionLimit } from '../../aws/lambda-function-limit.ts';
import type { Services } from '../../core/ports/services.ts';
import { cloudServices } from './cloud-services.ts';

let services: Services | null = null;

/** What PlanRun uses. The client of AWS Lambda is in its bundle alone: 73 KB that no other function needs. */
export function planningServices(): Services {
  // In a VPC without a route to Lambda the request fails soon, instead of with the function's time.
  services ??= {
    ...cloudServices(),
    functionLimit: new LambdaFunctionLimit(new LambdaClient({ requestHandler: requestHandlerOf({}) })),
  };
  return services;
}
