import { isThrottle } from '../core/ports/aws-fault.ts';
import type { CallLedger } from '../core/ports/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import { attemptsOf, toAwsFault } from './sdk-fault.ts';

/** Writes every request of a call into the ledger. @param operation such as `iam:GetCredentialReport` @throws AwsFault */
export async function countedCall<T>(
  { ledger, clock }: { readonly ledger: CallLedger; readonly clock: Clock },
  operation: string,
  send: () => Promise<T>,
): Promise<T> {
  const sentAt = clock.now();
  const record = (answer: unknown, outcome: 'succeeded' | 'throttled' | 'failed'): void => {
    ledger.record(operation, attemptsOf(answer), outcome, sentAt, clock.now());
  };
  try {
    const answer = await send();
    record(answer, 'succeeded');
    return answer;
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    record(error, isThrottle(fault) ? 'throttled' : 'failed');
    throw fault;
  }
}
