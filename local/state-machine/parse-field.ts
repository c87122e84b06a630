import * as v from 'valibot';
import { StateFault } from './faults.ts';

export const WholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Step Functions Developer Guide, "Wait workflow state". */
export const WaitSeconds = v.pipe(WholeNumber, v.maxValue(99_999_999));

/** Checks the type of a field's value. @throws StateFault States.QueryEvaluationError, as in Step Functions */
export function parseField<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  field: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new StateFault('States.QueryEvaluationError', `${field}: ${parsed.issues[0].message}`);
}
