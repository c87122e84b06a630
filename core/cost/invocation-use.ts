import type { InvocationUse } from '../contract/messages.ts';
import type { Invocation } from '../ports/services.ts';
import type { StoreRequests } from '../ports/store-requests.ts';

/**
 * What an invocation used until now.
 * @param durationMs since it began
 * @param still what it will ask of the store before it ends
 */
export function invocationUse(
  invocation: Invocation,
  durationMs: number,
  still: Partial<StoreRequests> = {},
): InvocationUse {
  const { puts, gets } = invocation.storeRequests();
  return {
    durationMs,
    memoryMegabytes: invocation.memoryMegabytes,
    puts: puts + (still.puts ?? 0),
    gets: gets + (still.gets ?? 0),
  };
}
