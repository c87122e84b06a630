import * as v from 'valibot';
import { StateFault } from './faults.ts';

export const WholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Step Functions Developer Guide, "Wait workflow state". */
export const WaitSeconds = v.pipe(WholeNumber, v.maxValue(99_999_999));

/** What an expression gave, where a field wants a certain type. @throws StateFault as Step Functions fails the state */
export function parseField<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  field: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new StateFault('States.QueryEvaluationError', `${field}: ${parsed.issues[0].message}`);
}
