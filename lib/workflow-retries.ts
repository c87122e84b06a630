import { Duration } from 'aws-cdk-lib';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';

/**
 * Faults of Lambda itself: 6 attempts within a minute at most (2 + 4 + 8 + 16 + 32 s, each drawn from zero up).
 * After a client time-out the first invocation may still run: handlers are idempotent by object key.
 */
const lambdaFaults: RetryProps = {
  errors: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.Unknown',
    'Sandbox.Timedout',
  ],
  interval: Duration.seconds(2),
  backoffRate: 2,
  maxAttempts: 5,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};

/**
 * Throttled invocations: other functions of the account hold its concurrency, for minutes rather than seconds.
 * 11 attempts within 12.6 minutes at most (5 + 10 + 20 + 40 + 80 + 5 × 120 s, each drawn from zero up).
 */
const lambdaThrottled: RetryProps = {
  errors: ['Lambda.TooManyRequestsException'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 10,
  maxDelay: Duration.seconds(120),
  jitterStrategy: JitterType.FULL,
};

/** What outlived the retries of the SDK, or two invocations that met at one object. */
const passingFaults: RetryProps = {
  errors: ['StoreError', 'PreconditionFailed', 'Throttling', 'TimeoutError', 'ServiceUnavailable', 'InternalFailure'],
  interval: Duration.seconds(10),
  backoffRate: 2,
  maxAttempts: 3,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};

/** Every task has all of them. */
export const taskRetries: readonly RetryProps[] = [lambdaThrottled, lambdaFaults, passingFaults];
