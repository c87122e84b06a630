import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback, type LoopbackServer } from '../../local/emulated-aws/loopback.ts';
import { s3Permissions, type FunctionRequest } from './function-policies.ts';

/** The permission for each request to services other than S3, IAM, STS and Organizations. */
const permissions: Readonly<Record<string, string>> = {
  'states AWSStepFunctions.DescribeExecution': 'states:DescribeExecution',
  'lambda GET /2016-08-19/account-settings': 'lambda:GetAccountSettings',
};

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
  const { method = 'GET', headers } = incoming;
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  // Credential=<access key>/<date>/<Region>/<service>/aws4_request
  const service = /Credential=[^,]*\/([^/,]+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? 'unsigned';
  if (service !== 's3') {
    const target = headers['x-amz-target'];
    const request = `${service} ${typeof target === 'string' ? target : `${method} ${pathname.replace(/\/$/, '')}`}`;
    // A request that is not listed above is recorded unchanged, and no policy allows it.
    return [{ action: permissions[request] ?? request, resource: null }];
  }
  return s3Permissions({
    method,
    path: decodeURIComponent(pathname),
    query: searchParams,
    ifMatch: headers['if-match'] !== undefined,
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
