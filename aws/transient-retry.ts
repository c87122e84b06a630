import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';

/**
 * The SDK's standard retry, for connection resets, timeouts and server errors only. A throttled call fails at once,
 * because the pacer needs to see every throttle to measure the rate.
 */
export class TransientRetry extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    error: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    if (error.errorType === 'THROTTLING')
      throw new Error('Throttled calls are not retried here: the pacer retries them.');
    return super.refreshRetryTokenForRetry(token, error);
  }
}
