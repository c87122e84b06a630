import type { HttpHandler } from '@smithy/core/protocols';

const CONNECTION_TIMEOUT_MS = 5_000;
/** The slowest of these calls, a page of a large report, takes a few seconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/**
 * The pacer allows up to 512 calls in flight for each of three operations, if IAM answers slowly. A Lambda function may have
 * at most 1,024 file descriptors, and the store needs some. Beyond this number, requests wait for a socket.
 */
const MAX_SOCKETS = 900;

/** Ends the user agent of the audit's calls, so that CloudTrail shows which calls are its own. */
export const USER_AGENT = 'iam-audit';

/** How requests are sent to AWS. */
export interface WireSettings {
  /** Endpoint of IAM, STS and Organizations; it overrides the environment. If undefined, the SDK chooses the endpoints. */
  readonly endpoint?: string;
  /** Timeout of one request in milliseconds. */
  readonly requestTimeoutMs?: number;
  /** Sends requests instead of the SDK's own HTTP handler. It must then apply `requestTimeoutMs` itself. */
  readonly transport?: HttpHandler;
}

export const endpointOf = ({
  endpoint,
}: WireSettings): { endpoint?: string; useFipsEndpoint?: boolean; useDualstackEndpoint?: boolean } =>
  endpoint === undefined ? {} : { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false };

/** The `requestHandler` option of SDK clients. */
export const requestHandlerOf = ({ transport, requestTimeoutMs }: WireSettings): HttpHandler | HttpOptions =>
  transport ?? {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    throwOnRequestTimeout: true,
    httpsAgent: { maxSockets: MAX_SOCKETS },
    httpAgent: { maxSockets: MAX_SOCKETS },
  };

interface HttpOptions {
  connectionTimeout: number;
  requestTimeout: number;
  throwOnRequestTimeout: boolean;
  httpsAgent: { maxSockets: number };
  httpAgent: { maxSockets: number };
}
