import { AwsFault, isThrottle } from '../core/ports/aws-fault.ts';
import type { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import { attemptsOf, toAwsFault } from './sdk-fault.ts';

/**
 * Sends a call, records its requests in the ledger, and reads the answer.
 * @param operation such as `iam:GetCredentialReport`
 * @param read takes what the audit needs from the answer. An answer that it can't read is a fault of this call
 * @throws AwsFault
 */
export async function countedCall<Response, Read>(
  { ledger, clock }: { readonly ledger: CallLedger; readonly clock: Clock },
  operation: string,
  send: () => Promise<Response>,
  read: (response: Response) => Read,
): Promise<Read> {
  const sentAt = clock.now();
  const record = (response: unknown, outcome: 'succeeded' | 'throttled' | 'failed'): void => {
    ledger.record(operation, attemptsOf(response), outcome, sentAt, clock.now());
  };
  let response: Response;
  try {
    response = await send();
  } catch (error: unknown) {
    const fault = toAwsFault(error);
    record(error, isThrottle(fault) ? 'throttled' : 'failed');
    throw fault;
  }
  record(response, 'succeeded');
  return readAnswer(operation, () => read(response));
}

/** A list that has another type, and the like, fail where they are read. @throws AwsFault */
export function readAnswer<Read>(operation: string, read: () => Read): Read {
  try {
    return read();
  } catch (error: unknown) {
    if (error instanceof AwsFault) throw error;
    const message = `AWS's response to ${operation} can't be read: ${String(error)}.`;
    throw new AwsFault('other', 'UnexpectedResponse', message, { cause: error });
  }
}

/** Faults of an answer. The same request usually gets a readable answer the next time. */
const ANSWER_FAULTS = ['IncompleteResponse', 'UnexpectedResponse', 'NotFromAws'];

/** Repeats a call once whose answer can't be read: for the few calls without which a whole account is lost. @throws AwsFault */
export async function repeatedOnce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error: unknown) {
    if (error instanceof AwsFault && ANSWER_FAULTS.includes(error.code)) return call();
    throw error;
  }
}
