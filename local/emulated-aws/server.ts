import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as v from 'valibot';
import { Emulation, type EmulatedAwsSettings } from './emulation.ts';

export interface EmulatedAws {
  readonly url: string;
  readonly emulation: Emulation;
  close(): Promise<void>;
}

/** IAM and STS on loopback, for SDK clients whose endpoint is set to its address. */
export async function startEmulatedAws(settings: EmulatedAwsSettings): Promise<EmulatedAws> {
  const emulation = new Emulation(settings);
  const server = createServer((request, response) => {
    void serve(emulation, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = v.parse(v.object({ port: v.number() }), server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    emulation,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Never rejects: what goes wrong is answered as a fault of the server. */
async function serve(emulation: Emulation, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(v.parse(v.instance(Buffer), chunk));
    const answer = await emulation.handle({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    switch (answer.kind) {
      case 'answer':
        response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body);
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
