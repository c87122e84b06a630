import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback, type LoopbackServer } from '../../local/emulated-aws/loopback.ts';
import { s3Permissions, type FunctionRequest } from './function-policies.ts';

/** `AWSStepFunctions.DescribeExecution` and so on: services whose header names the operation. */
const targets: Readonly<Record<string, string>> = { AWSStepFunctions: 'states' };

/**
 * Forwards the functions' requests to the emulated cloud, and records which permissions they need. A function's endpoint
 * is this server's URL with the function's name as its path.
 */
export async function startRequestRecorder(
  upstream: URL,
  record: (request: FunctionRequest) => void,
): Promise<LoopbackServer> {
  return listenOnLoopback((incoming, outgoing) => {
    const [, functionName = '', ...rest] = (incoming.url ?? '').split('/');
    const path = `/${rest.join('/')}`;
    for (const permission of permissionsOf(incoming, path)) record({ functionName, ...permission });
    forward(upstream, path, incoming, outgoing);
    return Promise.resolve();
  });
}

function permissionsOf(incoming: IncomingMessage, path: string): { action: string; resource: string | null }[] {
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', operation = ''] = target.split('.');
    return [{ action: `${targets[service] ?? service}:${operation}`, resource: null }];
  }
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  return s3Permissions({
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(pathname),
    query: searchParams,
    ifMatch: incoming.headers['if-match'] !== undefined,
  });
}

function forward({ hostname, port }: URL, path: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers } = incoming;
  const proxied = httpRequest({ hostname, port, path, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  proxied.on('error', () => {
    outgoing.destroy();
  });
  incoming.pipe(proxied);
}
