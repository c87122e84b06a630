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
 * Throttled invocations: other functions of the account, batches of other accounts above all, hold its concurrency, for
 * as long as a batch of 15 minutes. 21 attempts; their delays (5, 10, … 160, then 14 times 300 s, each drawn from zero up)
 * add up to 38 minutes on average, and to less than 20 once in two thousand times (a test draws them). Longer delays rather than more attempts,
 * because each takes some of the 25,000 events of its execution's history.
 */
const lambdaThrottled: RetryProps = {
  errors: ['Lambda.TooManyRequestsException'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 20,
  maxDelay: Duration.seconds(300),
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

/** Every function's task has all of them. */
export const taskRetries: readonly RetryProps[] = [lambdaThrottled, lambdaFaults, passingFaults];

/** Any fault of Amazon SNS: the run has ended, and its message is worth a minute. */
export const publishRetry: RetryProps = {
  errors: ['States.ALL'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 4,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};
