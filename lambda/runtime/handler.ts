import * as v from 'valibot';
import type { Invocation, Services } from '../../core/ports/services.ts';
import { CountedStore } from '../../core/ports/store-requests.ts';

/** What Lambda tells a function of its invocation, as far as it is used. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
  readonly memoryLimitInMB: string;
}

export type Handler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** A payload that is not what the contract says: the workflow and the handler are of different versions. */
export class InvalidPayload extends Error {
  override name = 'InvalidPayload';
}

/** Makes a handler: parses the event with the contract's schema, makes one call, returns. */
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
    const outside = services();
    const store = new CountedStore(outside.store);
    return run(
      parsed.output,
      { ...outside, store },
      {
        remainingMs: () => context.getRemainingTimeInMillis(),
        memoryMegabytes: Number(context.memoryLimitInMB),
        storeRequests: () => store.requests,
      },
    );
  };
