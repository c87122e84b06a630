import { InvalidArgumentError } from 'commander';

/** A number in a part of `demo --disturb`. */
export interface Field {
  /** As in the form. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
}

export const seconds = (name: string, least = 0.1, most = 86_400): Field => ({ name, least, most });

const NUMBER = String.raw`(-?\d+(?:\.\d+)?|-?\.\d+)`;

/**
 * Reads the numbers of a text.
 * @param form how the text is written, for example `KxON/PERIOD`; contains the name of each field, in the same order
 * @returns one number for each field. Null if the text does not have the form
 * @throws InvalidArgumentError if a number is out of range
 */
export function readNumbers(form: string, fields: readonly Field[], text: string): number[] | null {
  let pattern = form;
  for (const { name } of fields) pattern = pattern.replace(name, NUMBER);
  const match = new RegExp(`^${pattern}$`).exec(text);
  if (match === null) return null;
  return fields.map((field, n) => inRange(field, match[n + 1] ?? ''));
}

function inRange({ name, least, most, whole = false }: Field, text: string): number {
  const value = Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new InvalidArgumentError(
    `${name} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, but it is ${text}.`,
  );
}
