import type { Remedy } from '../../contract/doctor/diagnosis.ts';
import { adviceForAws } from './aws-callers.ts';
import { retryExamples } from './retry-examples.ts';
import type { RemedyContext } from './context.ts';
import { selectExamples } from './select-examples.ts';

/**
 * Waits of mode standard after a throttled call: a random time of at most 1 s, doubling up to 20 s, 3 attempts by default
 * (botocore/retries/standard.py; @smithy/core/retry; https://github.com/aws/aws-sdk-java-v2/issues/6987).
 */
const WITH_BACKOFF =
  'Leave retries to the SDK: mode standard waits a random time before each retry and gives up after 3 attempts. The maximum of this time doubles, up to 20 seconds. With 8 attempts, a call can still succeed after about half a minute of throttling.';
const ADAPTIVE =
  'Mode adaptive also slows down new calls after a throttled one. Use it in jobs that may take longer and that mainly call IAM or STS, with one client for the whole program.';
const OWN_LOOP =
  'The SDK of this caller already waits between its retries, so a loop in the program makes these retries. Remove that loop, or let it wait a random time before each retry: at most 1 second, then at most 2, 4 and so on, up to 20.';

/** The remedy for retries that follow a throttled call too soon. */
export const backoff = (context: RemedyContext): Remedy => {
  const aws = adviceForAws(context);
  if (aws !== null) return { text: aws, examples: [] };
  const retriesWell =
    context.clients.length > 0 &&
    context.clients.every(({ retryMode }) => retryMode === 'standard' || retryMode === 'adaptive');
  return {
    text: [retriesWell ? OWN_LOOP : WITH_BACKOFF, ADAPTIVE].join(' '),
    examples: selectExamples(retryExamples(context.operation ?? null), context.clients),
  };
};
