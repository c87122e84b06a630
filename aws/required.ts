import { AwsFault } from '../core/ports/aws-fault.ts';

/** The SDK types nearly every field as optional; one that AWS always sends and did not is a fault, never a blank. */
export function required<T>(value: T | undefined, operation: string, field: string): T {
  if (value === undefined) {
    throw new AwsFault('other', 'IncompleteAnswer', `AWS answered ${operation} without ${field}.`);
  }
  return value;
}
