import { AwsFault } from '../core/ports/aws-fault.ts';

/** The SDK types almost every field as optional. A missing field that AWS always sends is an error, not an empty value. */
export function required<T>(value: T | undefined, operation: string, field: string): T {
  if (value === undefined) {
    throw new AwsFault('other', 'IncompleteResponse', `AWS's response to ${operation} has no ${field}.`);
  }
  return value;
}
