import { StateFault } from './faults.ts';

/** Step Functions quotas: input and output of a state, a task or an execution. */
const LIMIT_BYTES = 256 * 1024;

/** @throws StateFault States.DataLimitExceeded */
export function checkPayload(value: unknown, what: string): void {
  const bytes = Buffer.byteLength(value === undefined ? '' : JSON.stringify(value));
  if (bytes > LIMIT_BYTES) {
    throw new StateFault('States.DataLimitExceeded', `${what} has ${bytes} bytes, and ${LIMIT_BYTES} are allowed.`);
  }
}
