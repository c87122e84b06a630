import { AwsFault } from '../core/ports/aws-fault.ts';

/*
 * The SDK types almost every field as optional, and does not check what AWS sends: a text may be an object, an enum may
 * have a new value. What the audit reads of an answer is checked here, so that an unexpected answer is a fault of its call.
 */

const fault = (code: string, message: string): AwsFault => new AwsFault('other', code, message);

/** A missing field that AWS always sends is an error, not an empty value. @throws AwsFault */
export function required<T>(value: T | undefined, operation: string, field: string): T {
  if (value === undefined || value === null || value === '') {
    throw fault('IncompleteResponse', `AWS's response to ${operation} has no ${field}.`);
  }
  return value;
}

export function unexpected(operation: string, field: string, value: unknown): AwsFault {
  const shown = JSON.stringify(value);
  const text = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  return fault('UnexpectedResponse', `AWS's response to ${operation} has a ${field} that can't be read: ${text}.`);
}

/** @throws AwsFault */
export function requiredText(value: unknown, operation: string, field: string): string {
  const given = required(value, operation, field);
  if (typeof given !== 'string') throw unexpected(operation, field, given);
  return given;
}

/** Null if the field is missing. @throws AwsFault */
export function optionalText(value: unknown, operation: string, field: string): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string') throw unexpected(operation, field, value);
  return value;
}

/** @throws AwsFault */
export function requiredList<T>(value: readonly T[] | undefined, operation: string, field: string): readonly T[] {
  const list = required(value, operation, field);
  const isList: boolean = Array.isArray(list);
  if (!isList) throw unexpected(operation, field, list);
  return list;
}

/** Empty if the field is missing: only for lists that AWS leaves out if they are empty. @throws AwsFault */
export const optionalList = <T>(value: readonly T[] | undefined, operation: string, field: string): readonly T[] =>
  value === undefined ? [] : requiredList(value, operation, field);

/** @returns ISO 8601 @throws AwsFault */
export function requiredTime(value: unknown, operation: string, field: string): string {
  const given = required(value, operation, field);
  if (!(given instanceof Date) || Number.isNaN(given.getTime())) throw unexpected(operation, field, given);
  return given.toISOString();
}

/** @throws AwsFault */
export const optionalTime = (value: unknown, operation: string, field: string): string | null =>
  value === undefined ? null : requiredTime(value, operation, field);

/** @throws AwsFault */
export function optionalFlag(value: unknown, operation: string, field: string): boolean | null {
  if (value === undefined) return null;
  if (typeof value !== 'boolean') throw unexpected(operation, field, value);
  return value;
}

/** @throws AwsFault */
export function optionalNumber(value: unknown, operation: string, field: string): number | null {
  if (value === undefined) return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unexpected(operation, field, value);
  return value;
}

/** A value that the audit does not know is no answer: it may mean anything. @throws AwsFault */
export function requiredChoice<T extends string>(
  value: unknown,
  choices: readonly T[],
  operation: string,
  field: string,
): T {
  const given = required(value, operation, field);
  const known = choices.find((choice) => choice === given);
  if (known === undefined) throw unexpected(operation, field, given);
  return known;
}
