import * as v from 'valibot';

export interface About {
  readonly unit: string;
  readonly meaning: string;
}

const abouts = new WeakMap<object, About>();

/** A setting's schema with its unit and meaning beside it: docs/settings.md is made of them. */
export function setting<Schema extends object>(unit: string, meaning: string, schema: Schema): Schema {
  abouts.set(schema, { unit, meaning });
  return schema;
}

export const aboutOf = (schema: object): About | undefined => abouts.get(schema);

export const wholeNumber = (least: number, most: number) => {
  const right = `must be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(right), v.integer(right), v.minValue(least, right), v.maxValue(most, right));
};

export const numberBetween = (least: number, most: number) => {
  const right = `must be from ${least} to ${most}`;
  return v.pipe(v.number(right), v.minValue(least, right), v.maxValue(most, right));
};

export const text = (pattern: RegExp, right: string) => v.pipe(v.string(right), v.regex(pattern, right));

export const trueOrFalse = v.boolean('must be true or false');

/** Text that a function finds nothing wrong with; what it finds begins with "must". */
export const withoutProblem = (problemOf: (text: string) => string | null, right: string) =>
  v.pipe(
    v.string(right),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? problemOf(dataset.value) : null;
      if (problem !== null) addIssue({ message: problem });
    }),
  );
