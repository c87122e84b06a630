import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';
import * as v from 'valibot';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Emulation } from './emulation.ts';

/** How long an SDK client waits for a response. The same as over HTTP. */
const REQUEST_TIMEOUT_MS = 30_000;

const encoder = new TextEncoder();

const decoder = new TextDecoder();

/** Clients with a JSON protocol, such as that of Organizations, send bytes. */
const textOf = (body: unknown): string => (ArrayBuffer.isView(body) ? decoder.decode(body) : v.parse(v.string(), body));

/**
 * Passes an SDK client's signed requests to the emulation in this process. Responses come after the emulated latency.
 */
class InProcessTransport implements HttpHandler {
  constructor(
    private readonly emulation: Emulation,
    private readonly clock: VirtualClock,
  ) {}

  /** @throws Error `ECONNRESET`, or `TimeoutError` after 30 s of virtual time, like the SDK's handler for Node.js */
  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const body = textOf(request.body);
    return this.clock.release(async () => {
      const answer = await this.emulation.handle({ headers: request.headers, body });
      switch (answer.kind) {
        case 'answer':
          return {
            response: new HttpResponse({
              statusCode: answer.status,
              headers: { 'content-type': answer.contentType },
              body: encoder.encode(answer.body),
            }),
          };
        case 'reset':
          throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
        case 'silence':
          await this.clock.sleep(REQUEST_TIMEOUT_MS);
          throw Object.assign(new Error(`No response in ${REQUEST_TIMEOUT_MS} ms.`), { name: 'TimeoutError' });
      }
    });
  }

  updateHttpClientConfig(): void {
    // There is nothing to configure.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

/**
 * Connects SDK clients to an emulation in this process, in virtual time. Time stops while a client processes a request
 * or its response. It passes while the emulation handles the request, because the emulation sleeps for the latency.
 */
export const inProcess = (
  emulation: Emulation,
  clock: VirtualClock,
): { transport: HttpHandler; onWire: <T>(request: () => Promise<T>) => Promise<T> } => ({
  transport: new InProcessTransport(emulation, clock),
  onWire: (request) => clock.track(request),
});
