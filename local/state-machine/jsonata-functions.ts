import { createHash, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Random } from '../../core/ports/clock.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** JSONata's built-in functions in version 2.0.6, the version that Step Functions runs. */
export const builtInFunctions = words(
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad ' +
    'match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round ' +
    'abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge ' +
    'reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl ' +
    'decodeUrlComponent decodeUrl eval now millis toMillis fromMillis clone',
);

/** Step Functions has no `$eval`. `$now` and `$millis` would read the real time. */
export const refusedFunctions = words('eval now millis');

/** Built-in functions that take a function or a regular expression as an argument. */
export const higherOrderFunctions = words('map filter reduce single sift each sort match contains replace split');

export const hashAlgorithms = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const;

/** Limits of the older intrinsic functions. The Developer Guide documents none for their JSONata replacements. */
const MAX_ITEMS = 1_000;
const MAX_HASHED_CHARACTERS = 10_000;

const Whole = v.pipe(v.number(), v.integer('must be a whole number'));
const Step = v.pipe(Whole, v.notValue(0, 'must not be 0'));
const Items = v.array(v.unknown());
const Hashed = v.pipe(v.string(), v.maxLength(MAX_HASHED_CHARACTERS));

/** Checks the arguments of a function. @throws Error with the function's name and, if possible, the argument's position */
function parsed<Schema extends v.GenericSchema>(name: string, schema: Schema, args: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, args);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const index = Number(issue.path?.[0]?.key);
  throw new Error(`${Number.isNaN(index) ? 'The arguments' : `Argument ${index + 1}`} of $${name}: ${issue.message}`);
}

function bounded(name: string, count: number): void {
  if (count > MAX_ITEMS) throw new Error(`$${name} gives ${count} items, and at most ${MAX_ITEMS} are allowed.`);
}

function partition(...args: unknown[]): unknown[][] {
  const [items, size] = parsed('partition', v.strictTuple([Items, v.pipe(Whole, v.minValue(1))]), args);
  const count = Math.ceil(items.length / size);
  bounded('partition', count);
  return Array.from({ length: count }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function range(...args: unknown[]): number[] {
  const [from, to, step] = parsed('range', v.strictTuple([Whole, Whole, Step]), args);
  const count = Math.floor((to - from) / step) + 1;
  bounded('range', count);
  // Observed in Step Functions: a number for one item, no value for none. The Developer Guide says an array.
  if (count < 2) throw new Error('$range of fewer than two items is not implemented.');
  return Array.from({ length: count }, (_, n) => from + n * step);
}

function hash(...args: unknown[]): string {
  const [text, algorithm] = parsed('hash', v.strictTuple([Hashed, v.picklist(hashAlgorithms)]), args);
  return createHash(algorithm.toLowerCase().replace('-', '')).update(text).digest('hex');
}

function parse(...args: unknown[]): unknown {
  const [text] = parsed('parse', v.strictTuple([v.string()]), args);
  return JSON.parse(text);
}

/** Gives no result for a missing first argument, as JSONata's own functions do. */
const propagateUndefined =
  (work: (...args: unknown[]) => unknown) =>
  (...args: unknown[]): unknown =>
    args.length > 0 && args[0] === undefined ? undefined : work(...args);

/** Step Functions' additions to JSONata (Developer Guide, "Transforming data with JSONata"). */
export const awsFunctions = (random: Random): Readonly<Record<string, (...args: unknown[]) => unknown>> => ({
  partition: propagateUndefined(partition),
  range: propagateUndefined(range),
  hash: propagateUndefined(hash),
  parse: propagateUndefined(parse),
  // A seed is refused: it determines the number, but the numbers are not documented.
  random: (...args) => {
    parsed('random', v.strictTuple([]), args);
    return random();
  },
  uuid: (...args) => {
    parsed('uuid', v.strictTuple([]), args);
    return randomUUID();
  },
});

export const awsFunctionNames: ReadonlySet<string> = new Set(Object.keys(awsFunctions(() => 0)));
