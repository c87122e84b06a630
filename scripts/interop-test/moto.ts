import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { bodyOf, listenOnLoopback, type LoopbackServer } from '../../local/emulated-aws/loopback.ts';

export interface MotoServer {
  readonly url: string;
  close(): void;
}

const STARTUP_MS = 60_000;

/** Starts moto's server on a free port of the loopback interface. @param bin folder with its program */
export async function startMoto(bin: string): Promise<MotoServer> {
  const port = await freePort();
  const server: ChildProcess = spawn(join(bin, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  while (!(await answers(url))) {
    if (server.exitCode !== null || performance.now() - startedAt > STARTUP_MS) {
      server.kill();
      throw new Error(`moto's server did not start (exit code ${String(server.exitCode)}).`);
    }
    await setTimeout(200);
  }
  return {
    url,
    close: () => {
      server.kill();
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('No free port was found.'));
      });
    });
  });
}

/** Hop-by-hop headers, and those that fetch sets itself. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'keep-alive']);

/**
 * Passes requests to moto, and names its JSON as JSON: moto calls it HTML, which the audit's clients refuse, because AWS
 * never sends HTML.
 */
export const withJsonNamed = (url: string): Promise<LoopbackServer> =>
  listenOnLoopback(async (request, response) => {
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' && !OWN_HEADERS.has(name) ? [[name, value]] : [],
    );
    const answer = await fetch(`${url}${request.url ?? '/'}`, {
      method: request.method ?? 'POST',
      headers,
      body: new Uint8Array(await bodyOf(request)),
    });
    const text = await answer.text();
    const type = text.startsWith('{') ? 'application/x-amz-json-1.1' : (answer.headers.get('content-type') ?? '');
    response.writeHead(answer.status, { 'content-type': type }).end(text);
  });
