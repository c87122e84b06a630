/** What `$states` holds in every state. */
const everywhere = new Set([
  'input',
  'context.Execution.Id',
  'context.Execution.Input',
  'context.Execution.Name',
  'context.Execution.StartTime',
  'context.State.Name',
  'context.State.EnteredTime',
]);

/** What `$states` holds in some fields only (Step Functions Developer Guide, "Context object data for Map states"). */
const somewhere = {
  result: 'Assign and Output of a Task or a Map',
  errorOutput: 'Assign and Output of a Catch',
  'context.State.RetryCount': 'a Task or a Map',
  'context.Map.Item.Index': 'an ItemSelector',
  'context.Map.Item.Value': 'an ItemSelector',
} as const;

export type OptionalField = keyof typeof somewhere;

const isOptional = (field: string): field is OptionalField => Object.hasOwn(somewhere, field);

const known = [...everywhere, ...Object.keys(somewhere)];

/**
 * Why an expression must not read a part of `$states`, or null. Parts that the interpreter does not provide are refused,
 * and so is every read that could reach one of them, such as `$states.context` as a whole.
 * @param names the names after `$states` in the expression's path
 */
export function refusedField(names: readonly string[], available: ReadonlySet<OptionalField>): string | null {
  for (let length = 1; length <= names.length; length += 1) {
    const field = names.slice(0, length).join('.');
    if (everywhere.has(field)) return null;
    if (isOptional(field)) {
      return available.has(field) ? null : `$states.${field}, which only ${somewhere[field]} can read`;
    }
    if (!known.some((one) => one.startsWith(`${field}.`))) {
      return `${['$states', ...names].join('.')}, which is not implemented`;
    }
  }
  return `${['$states', ...names].join('.')} as a whole, which is not implemented`;
}
