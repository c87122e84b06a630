import * as v from 'valibot';
import { StateFault, taskFault } from './faults.ts';
import { typed } from './typed.ts';

const LambdaArguments = v.strictObject({ FunctionName: v.string(), Payload: v.unknown() });

/** Calls what a Task names: the optimised Lambda integration, and nothing else. @throws StateFault */
export async function runTask(
  resource: string,
  parameters: unknown,
  invoke: (functionArn: string, payload: unknown) => Promise<unknown>,
): Promise<unknown> {
  if (!/^arn:[^:]+:states:::lambda:invoke$/.test(resource)) {
    throw new StateFault('States.Runtime', `The resource ${resource} is not implemented.`);
  }
  const { FunctionName, Payload } = typed(LambdaArguments, parameters, 'Arguments');
  try {
    return await invoke(FunctionName, overTheWire(Payload));
  } catch (error: unknown) {
    throw taskFault(error);
  }
}

/** What the optimised Lambda integration answers, as far as definitions use it. */
export const lambdaResult = (payload: unknown): unknown => ({
  ExecutedVersion: '$LATEST',
  Payload: overTheWire(payload),
  StatusCode: 200,
});

/** Lambda receives and answers JSON: what JSON does not hold does not arrive. */
const overTheWire = (value: unknown): unknown => {
  const plain: unknown = value === undefined ? null : JSON.parse(JSON.stringify(value));
  return plain;
};
