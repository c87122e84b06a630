import { HttpResponse, type HttpHandler, type HttpRequest } from '@smithy/core/protocols';
import * as v from 'valibot';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Emulation } from './emulation.ts';

/** What an SDK client waits for an answer: the same as over HTTP. */
const REQUEST_TIMEOUT_MS = 30_000;

const encoder = new TextEncoder();

/** IAM, STS and Organizations without a network: signed requests go to the emulation, and come back after its latency. */
class InProcessTransport implements HttpHandler {
  constructor(
    private readonly emulation: Emulation,
    private readonly clock: VirtualClock,
  ) {}

  /** @throws Error `ECONNRESET`, `TimeoutError` after 30 s of virtual time, as Node's own handler throws them */
  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const body = v.parse(v.string(), request.body);
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
          throw Object.assign(new Error(`No answer in ${REQUEST_TIMEOUT_MS} ms.`), { name: 'TimeoutError' });
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
 * How SDK clients reach an emulation in this process, in virtual time. Time stands still while a client is at work on
 * a request or its answer, and passes while the request is away: there the emulation sleeps for its latency.
 */
export const inProcess = (
  emulation: Emulation,
  clock: VirtualClock,
): { transport: HttpHandler; onWire: <T>(request: () => Promise<T>) => Promise<T> } => ({
  transport: new InProcessTransport(emulation, clock),
  onWire: (request) => clock.track(request),
});
