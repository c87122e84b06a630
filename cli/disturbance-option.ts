import { InvalidArgumentError } from 'commander';
import type { Disturbances } from '../local/emulated-aws/disturbances/disturbances.ts';
import { suggestionFor } from '../core/wording/near-names.ts';
import { disturbanceKinds, type DisturbancePart } from './disturbance-kinds.ts';

/** The value of `demo --disturb`. */
export interface DisturbanceOption {
  readonly disturbances: Disturbances;
  /** For each part, a sentence that says what it does. */
  readonly sentences: readonly string[];
}

/** A window replaces the token bucket, so these parts would have no effect. */
const REPLACED_BY_WINDOW = ['debt', 'empty', 'hosts'];

/** Reads parts such as `noise=0.01,bursts=3x10/60`. @throws InvalidArgumentError that names the wrong part and the correct form */
export function parseDisturbances(text: string): DisturbanceOption {
  const parts = text.split(',').map((part) => part.trim());
  const names = parts.map((part) => part.split('=')[0] ?? '');
  const read = parts.map(readPart);
  const repeated = names.find((name, n) => names.indexOf(name) !== n);
  if (repeated !== undefined) throw new InvalidArgumentError(`"${repeated}" is given twice. Give it once.`);
  checkCombination(names);
  const merged = read.reduce<Disturbances>((all, { disturbances }) => ({ ...all, ...disturbances }), {});
  const bystanders = read.flatMap(({ disturbances }) => disturbances.bystanders ?? []);
  return {
    disturbances: { ...merged, bystanders },
    sentences: read.map(({ sentence }) => sentence),
  };
}

function readPart(part: string): DisturbancePart {
  const [name = '', ...values] = part.split('=');
  const kind = Object.hasOwn(disturbanceKinds, name) ? disturbanceKinds[name] : undefined;
  if (kind === undefined) {
    const names = Object.keys(disturbanceKinds);
    throw new InvalidArgumentError(
      `"${part}": there is no disturbance "${name}".${suggestionFor(name, names)} The disturbances are ${names.join(', ')}.`,
    );
  }
  const { form, example, read } = kind;
  try {
    const meaning = form === '' && values.length > 0 ? null : read(values.join('='));
    if (meaning !== null) return meaning;
  } catch (error: unknown) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`"${part}": ${error.message}`);
  }
  throw new InvalidArgumentError(
    form === ''
      ? `"${part}": ${name} has no value. Write ${name}.`
      : `"${part}": it must have the form ${name}=${form}, for example ${name}=${example}.`,
  );
}

function checkCombination(names: readonly string[]): void {
  const window = names.find((name) => name === 'window' || name === 'sliding');
  if (window === undefined) return;
  const other = names.find((name) => name !== window && ['window', 'sliding'].includes(name));
  if (other !== undefined) {
    throw new InvalidArgumentError(`"${window}" and "${other}" can't be combined. Give one of them.`);
  }
  const replaced = names.find((name) => REPLACED_BY_WINDOW.includes(name));
  if (replaced === undefined) return;
  throw new InvalidArgumentError(
    `"${replaced}" can't be combined with "${window}", which replaces the token bucket. Give one of them.`,
  );
}
