import * as v from 'valibot';

export interface SettingDocs {
  readonly unit: string;
  readonly meaning: string;
}

const docsBySchema = new WeakMap<object, SettingDocs>();

/** Adds a unit and a meaning to a setting's schema. docs/settings.md is made from them. */
export function setting<Schema extends object>(unit: string, meaning: string, schema: Schema): Schema {
  docsBySchema.set(schema, { unit, meaning });
  return schema;
}

export const settingDocs = (schema: object): SettingDocs | undefined => docsBySchema.get(schema);

export const wholeNumber = (least: number, most: number) => {
  const requirement = `must be a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(requirement),
    v.integer(requirement),
    v.minValue(least, requirement),
    v.maxValue(most, requirement),
  );
};

export const numberBetween = (least: number, most: number) => {
  const requirement = `must be a number from ${least} to ${most}`;
  return v.pipe(v.number(requirement), v.minValue(least, requirement), v.maxValue(most, requirement));
};

export const text = (pattern: RegExp, requirement: string) =>
  v.pipe(v.string(requirement), v.regex(pattern, requirement));

export const trueOrFalse = v.boolean('must be true or false');

/**
 * Text that a function accepts.
 * @param problemOf returns what is wrong, beginning with "must", or null
 */
export const textWithoutProblem = (problemOf: (text: string) => string | null, requirement: string) =>
  v.pipe(
    v.string(requirement),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? problemOf(dataset.value) : null;
      if (problem !== null) addIssue({ message: problem });
    }),
  );
