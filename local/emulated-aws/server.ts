import type { IncomingMessage, ServerResponse } from 'node:http';
import { Emulation, type EmulatedAwsSettings } from './emulation.ts';
import { bodyOf, listenOnLoopback, type LoopbackServer } from './loopback.ts';

export interface EmulatedAws extends LoopbackServer {
  readonly emulation: Emulation;
}

/** IAM, STS and Organizations on loopback, for SDK clients whose endpoint is set to its address. */
export async function startEmulatedAws(settings: EmulatedAwsSettings): Promise<EmulatedAws> {
  const emulation = new Emulation(settings);
  const server = await listenOnLoopback((request, response) => serve(emulation, request, response));
  return { ...server, emulation };
}

/** Never rejects: what goes wrong is answered as a fault of the server. */
async function serve(emulation: Emulation, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = (await bodyOf(request)).toString();
    const answer = await emulation.handle({ headers: request.headers, body });
    switch (answer.kind) {
      case 'answer':
        response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'silence':
        // The caller's time-out ends it.
        return;
    }
  } catch (error: unknown) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}
