import type { IncomingMessage, ServerResponse } from 'node:http';
import { Emulation } from './emulation.ts';
import { bodyOf, listenOnLoopback, type LoopbackServer } from './loopback.ts';
import type { EmulatedAwsSettings } from './settings.ts';

export interface EmulatedAws extends LoopbackServer {
  readonly emulation: Emulation;
}

/** Serves IAM, STS, Organizations and CloudTrail's event history on loopback, for SDK clients that use its URL as their endpoint. */
export async function startEmulatedAws(settings: EmulatedAwsSettings): Promise<EmulatedAws> {
  const emulation = new Emulation(settings);
  const server = await listenOnLoopback((request, response) => serve(emulation, request, response));
  return { ...server, emulation };
}

/** Never rejects. An unexpected error gives status 500. */
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
        // The request ends with the caller's timeout.
        return;
    }
  } catch (error: unknown) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}
