import * as v from 'valibot';

const JsonataFunction = v.union([
  v.looseObject({ _jsonata_function: v.literal(true) }),
  v.looseObject({ _jsonata_lambda: v.literal(true) }),
]);

/**
 * Copies an expression's result without the properties that JSONata adds to arrays.
 * @throws Error if the result is not JSON: it is undefined, or it contains a function or an infinite number
 */
export function plainJson(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new Error('The result is a number that JSON does not have.');
      return value === 0 ? 0 : value;
    case 'object':
      if (value === null) return null;
      if (v.is(JsonataFunction, value)) throw new Error('The result is a function.');
      if (Array.isArray(value)) return value.map(plainJson);
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : [[key, plainJson(part)]])),
      );
    case 'undefined':
      throw new Error('The expression has no value.');
    case 'function':
      throw new Error('The result is a function.');
    case 'bigint':
    case 'symbol':
      throw new Error(`The result is a ${typeof value}.`);
  }
}
