import type { HttpHandler } from '@smithy/core/protocols';

const CONNECTION_TIMEOUT_MS = 5_000;
/** The slowest of these calls, a page of a large report, takes a few seconds; after this nobody will answer. */
const REQUEST_TIMEOUT_MS = 30_000;
/** The pacer's 64 in flight, for each of three operations. */
const MAX_SOCKETS = 192;

/** How requests get to AWS. */
export interface WireSettings {
  /** Where IAM, STS and Organizations are, whatever the environment says; without it where the SDK finds them. */
  readonly endpoint?: string;
  /** Time-out of one request in milliseconds. */
  readonly requestTimeoutMs?: number;
  /** Carries requests instead of the SDK's own HTTP; `requestTimeoutMs` is then its to keep. */
  readonly transport?: HttpHandler;
}

export const endpointOf = ({
  endpoint,
}: WireSettings): { endpoint?: string; useFipsEndpoint?: boolean; useDualstackEndpoint?: boolean } =>
  endpoint === undefined ? {} : { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false };

/** What SDK clients take as their `requestHandler`. */
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
