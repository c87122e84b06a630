import { StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';

/**
 * The SDK's standard retry for resets, time-outs and server faults only. A throttled call is given back at once:
 * the pacer must see every throttle, or it is blind.
 */
export class TransientRetry extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    error: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    if (error.errorType === 'THROTTLING') throw new Error('A throttled call is the pacer’s to repeat.');
    return super.refreshRetryTokenForRetry(token, error);
  }
}
