import type { InvocationUse } from '../contract/messages.ts';
import type { Consumption } from '../contract/run.ts';
import type { Invocation } from '../ports/services.ts';
import type { StoreRequests } from '../ports/store-requests.ts';

/**
 * Time, memory and requests that an invocation has used.
 * @param durationMs milliseconds since the invocation began
 * @param pendingRequests requests that the invocation will still send to the store before it ends
 */
export function invocationUse(
  invocation: Invocation,
  durationMs: number,
  pendingRequests: Partial<StoreRequests> = {},
): InvocationUse {
  const { puts, gets } = invocation.storeRequests();
  return {
    durationMs,
    memoryMegabytes: invocation.memoryMegabytes,
    puts: puts + (pendingRequests.puts ?? 0),
    gets: gets + (pendingRequests.gets ?? 0),
  };
}

/** Adds up the use of several invocations. */
export const consumptionOfInvocations = (uses: readonly InvocationUse[], transitions: number): Consumption => ({
  megabyteMs: uses.reduce((sum, { durationMs, memoryMegabytes }) => sum + durationMs * memoryMegabytes, 0),
  invocations: uses.length,
  transitions,
  puts: uses.reduce((sum, { puts }) => sum + puts, 0),
  gets: uses.reduce((sum, { gets }) => sum + gets, 0),
});
