import { StateFault } from './faults.ts';

/** Step Functions quotas: input and output of a state, a task or an execution. */
export const PAYLOAD_BYTES = 256 * 1024;

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number =>
  Buffer.byteLength(value === undefined ? '' : JSON.stringify(value));

/** @throws StateFault States.DataLimitExceeded */
export function checkBytes(bytes: number, limit: number, what: string): void {
  if (bytes > limit) {
    throw new StateFault('States.DataLimitExceeded', `${what} has ${bytes} bytes, and at most ${limit} are allowed.`);
  }
}

/** @throws StateFault States.DataLimitExceeded */
export function checkPayload(value: unknown, what: string): void {
  checkBytes(jsonBytes(value), PAYLOAD_BYTES, what);
}
