/** Fields of `$states` that every expression can read. */
const alwaysAvailable = new Set([
  'input',
  'context.Execution.Id',
  'context.Execution.Input',
  'context.Execution.Name',
  'context.Execution.StartTime',
  'context.State.Name',
  'context.State.EnteredTime',
]);

/**
 * Fields of `$states` that only the named places can read (Step Functions Developer Guide, "Context object data for Map
 * states").
 */
const sometimesAvailable = {
  result: 'Assign and Output of a Task or a Map',
  errorOutput: 'Assign and Output of a Catch',
  'context.State.RetryCount': 'a Task or a Map',
  'context.Map.Item.Index': 'an ItemSelector',
  'context.Map.Item.Value': 'an ItemSelector',
} as const;

export type OptionalField = keyof typeof sometimesAvailable;

const isOptional = (field: string): field is OptionalField => Object.hasOwn(sometimesAvailable, field);

const allFields = [...alwaysAvailable, ...Object.keys(sometimesAvailable)];

/**
 * The reason why an expression must not read a part of `$states`, or null. Parts that the interpreter does not provide
 * are refused. A read of an object that contains such a part is refused too, for example of the whole
 * `$states.context`.
 * @param names the names after `$states` in the expression's path
 */
export function refusedField(names: readonly string[], available: ReadonlySet<OptionalField>): string | null {
  for (let length = 1; length <= names.length; length += 1) {
    const field = names.slice(0, length).join('.');
    if (alwaysAvailable.has(field)) return null;
    if (isOptional(field)) {
      return available.has(field) ? null : `$states.${field}, which only ${sometimesAvailable[field]} can read`;
    }
    if (!allFields.some((name) => name.startsWith(`${field}.`))) {
      return `${['$states', ...names].join('.')}, which is not implemented`;
    }
  }
  return `${['$states', ...names].join('.')} as a whole, which is not implemented`;
}
