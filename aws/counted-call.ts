import { isThrottle } from '../core/ports/aws-fault.ts';
import type { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import { attemptsOf, toAwsFault } from './sdk-fault.ts';

/** Sends a call and records its requests in the ledger. @param operation such as `iam:GetCredentialReport` @throws AwsFault */
export async function countedCall<T>(
  { ledger, clock }: { readonly ledger: CallLedger; readonly clock: Clock },
  operation: string,
  send: () => Promise<T>,
): Promise<T> {
  const sentAt = clock.now();
  const record = (response: unknown, outcome: 'succeeded' | 'throttled' | 'failed'): void => {
    ledger.record(operation, attemptsOf(response), outcome, sentAt, clock.now());
  };
  try {
    const response = await send();
    record(response, 'succeeded');
    return response;
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    record(error, isThrottle(fault) ? 'throttled' : 'failed');
    throw fault;
  }
}
