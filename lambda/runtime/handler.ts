import * as v from 'valibot';
import type { Invocation, Services } from '../../core/ports/services.ts';
import { CountedStore } from '../../core/ports/store-requests.ts';

/** The fields of Lambda's context that are used here. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  readonly memoryLimitInMB: string;
  readonly functionName?: string;
  readonly invokedFunctionArn?: string;
  readonly awsRequestId?: string;
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** The payload does not match the contract: the workflow and the handler are of different versions. */
export class InvalidPayload extends Error {
  override name = 'InvalidPayload';
}

/** Makes a handler that parses the event with the contract's schema and makes one call. */
export const makeHandler =
  <Schema extends v.GenericSchema>(
    schema: Schema,
    run: (input: v.InferOutput<Schema>, services: Services, invocation: Invocation) => Promise<unknown>,
  ) =>
  (services: () => Services): Handler =>
  async (event, context) => {
    const parsed = v.safeParse(schema, event);
    if (!parsed.success) {
      const [issue] = parsed.issues;
      throw new InvalidPayload(`${v.getDotPath(issue) ?? 'the payload'}: ${issue.message}`);
    }
    const uncounted = services();
    const store = new CountedStore(uncounted.store);
    return run(
      parsed.output,
      { ...uncounted, store },
      {
        remainingMs: () => context.getRemainingTimeInMillis(),
        memoryMegabytes: Number(context.memoryLimitInMB),
        storeRequests: () => store.requests,
      },
    );
  };
