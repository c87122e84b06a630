import { Duration } from 'aws-cdk-lib/core';
import { JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';

/**
 * Errors of Lambda itself: 6 attempts, with delays of at most 2, 4, 8, 16 and 32 s (full jitter).
 * After a client timeout the first invocation may still run. That is safe, because handlers are idempotent by object key.
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
 * Throttled invocations: other functions use the account's concurrency, mostly batches of other accounts, for up to
 * 15 minutes. 21 attempts, with delays of at most 5, 10, … 160, then 14 times 300 s (full jitter). Their sum is 38 minutes
 * on average, and less than 20 minutes once in two thousand sequences (a test samples them). The delays are long
 * because each attempt uses some of the 25,000 events of its execution's history.
 */
const lambdaThrottled: RetryProps = {
  errors: ['Lambda.TooManyRequestsException'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 20,
  maxDelay: Duration.seconds(300),
  jitterStrategy: JitterType.FULL,
};

/** Errors that remain after the SDK's own retries, and conflicts of two invocations that write one object. */
const transientFaults: RetryProps = {
  errors: ['StoreError', 'PreconditionFailed', 'Throttling', 'TimeoutError', 'ServiceUnavailable', 'InternalFailure'],
  interval: Duration.seconds(10),
  backoffRate: 2,
  maxAttempts: 3,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};

/** The retries of every function task. */
export const taskRetries: readonly RetryProps[] = [lambdaThrottled, lambdaFaults, transientFaults];

/** Errors of Security Hub that remain after the function's own retries. The function continues where its last result was. */
export const importRetry: RetryProps = {
  errors: ['LimitExceeded', 'TooManyRequests', 'Internal'],
  interval: Duration.seconds(30),
  backoffRate: 2,
  maxAttempts: 3,
  maxDelay: Duration.seconds(120),
  jitterStrategy: JitterType.FULL,
};

/** Throttled calls to Athena: the query has not started. A query that failed is not repeated, its reason would be the same. */
export const queryRetry: RetryProps = {
  errors: ['Athena.TooManyRequestsException'],
  interval: Duration.seconds(10),
  backoffRate: 2,
  maxAttempts: 4,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};

/** Any error of Amazon SNS. The run has already ended, so about a minute of retries delays nothing. */
export const publishRetry: RetryProps = {
  errors: ['States.ALL'],
  interval: Duration.seconds(5),
  backoffRate: 2,
  maxAttempts: 4,
  maxDelay: Duration.seconds(60),
  jitterStrategy: JitterType.FULL,
};
