import type { CallingClient } from './client-of.ts';

type Client = Pick<CallingClient, 'language' | 'tool' | 'version' | 'retryMode'>;

/**
 * What an SDK waits by default, if that is shorter than the waits of the other SDKs: null for all others. The sources are
 * `calculateRetryDelay` in aws-sdk/lib/util.js (JavaScript v2), `RetryMiddleware::exponentialDelay` in aws-sdk-php,
 * `DefaultRetryStrategy::CalculateDelayBeforeNextRetry` in aws-sdk-cpp, and `ExponentialBackoffWithJitterOptions` in
 * smithy-kotlin.
 */
export const shortWaitsOf = ({ language, tool, version, retryMode }: Client): string | null => {
  if (tool !== null) return null;
  const isLegacy = retryMode === 'legacy' || retryMode === 'unknown';
  switch (language) {
    case 'javascript':
      return version?.startsWith('2.') === true
        ? 'The AWS SDK for JavaScript v2 waits at most 0.1 s before the first retry by default, and at most 0.2 s before the second: its default base of 100 ms is too short for a throttled call.'
        : null;
    case 'php':
      return isLegacy && version?.startsWith('3.') === true
        ? 'The AWS SDK for PHP v3 waits at most 0.1 s before the first retry by default (retry mode legacy), and at most 0.2 s before the second: its default base of 100 ms is too short for a throttled call.'
        : null;
    case 'cpp':
      return isLegacy
        ? 'The AWS SDK for C++ makes the first retry at once by default (retry mode legacy), and waits 0.05 s before the second: this is too short for a throttled call.'
        : null;
    case 'kotlin':
      return 'The AWS SDK for Kotlin waits at most 0.01 s before the first retry by default, and half as long again before each further one: this is too short for a throttled call.';
    default:
      return null;
  }
};
