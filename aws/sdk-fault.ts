import { getRetryAfterHint, isThrottlingError, isTransientError } from '@smithy/core/retry';
import * as v from 'valibot';
import { AwsFault, type FaultKind } from '../core/ports/aws-fault.ts';
import { foreignResponseFault, foreignResponseInWords, unreadableAnswer } from './foreign-response.ts';

/** The fields of SDK errors that are used here. */
const ErrorShape = v.object({
  name: v.string(),
  message: v.string(),
  /** AWS's own code, if the protocol has it. The SDK's `name` may have the suffix "Exception". */
  Code: v.optional(v.string()),
  /** Node's code for network errors. */
  code: v.optional(v.string()),
  $response: v.optional(v.unknown()),
  $metadata: v.optional(v.object({ attempts: v.optional(v.number()), httpStatusCode: v.optional(v.number()) })),
});

const kindByCode: Readonly<Record<string, FaultKind>> = {
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  UnauthorizedOperation: 'denied',
  // The role's account has not activated STS in the called Region.
  RegionDisabledException: 'denied',
  NoSuchEntity: 'missing',
  InvalidInput: 'refused',
  ValidationError: 'refused',
  MalformedInput: 'refused',
  // One of the principal's own policies can't be evaluated. A retry gives the same result.
  PolicyEvaluation: 'other',
  RequestEntityTooLarge: 'refused',
  ExpiredToken: 'expired',
  ExpiredTokenException: 'expired',
  RequestExpired: 'expired',
  InvalidClientTokenId: 'unauthenticated',
  SignatureDoesNotMatch: 'unauthenticated',
  UnrecognizedClientException: 'unauthenticated',
  MissingAuthenticationToken: 'unauthenticated',
  IncompleteSignature: 'unauthenticated',
  CredentialsProviderError: 'unauthenticated',
  TokenProviderError: 'unauthenticated',
};

/** `isThrottlingError` and `isTransientError` accept any Error, because every additional field is optional. */
type ClassifiedError = Parameters<typeof isTransientError>[0];
const isSdkError = (error: unknown): error is ClassifiedError => error instanceof Error;

/** The number of requests of a call, from the metadata of its result or error; 1 if the metadata is missing. */
export function attemptsOf(response: unknown): number {
  const parsed = v.safeParse(v.object({ $metadata: v.object({ attempts: v.number() }) }), response);
  return parsed.success ? parsed.output.$metadata.attempts : 1;
}

/** Milliseconds of the response's Retry-After header; 0 if it has none. */
function retryAfterMs(response: unknown): number {
  const returnAt = getRetryAfterHint(response);
  return returnAt === undefined ? 0 : Math.max(0, returnAt.getTime() - Date.now());
}

/** Translates an error of an SDK client. The code is AWS's, without the SDK's suffix "Exception". */
export function toAwsFault(error: unknown): AwsFault {
  if (error instanceof AwsFault) return error;
  const parsed = v.safeParse(ErrorShape, error);
  if (!parsed.success || !isSdkError(error)) {
    return new AwsFault('other', 'Unknown', String(error), { cause: error });
  }
  const { name, message, Code, code, $response, $metadata } = parsed.output;
  const awsCode = Code ?? (name === 'Error' && code !== undefined ? code : name.replace(/Exception$/, ''));
  const text = message === '' ? (code ?? name) : message;
  const fault = (kind: FaultKind): AwsFault => new AwsFault(kind, awsCode, text, { cause: error });
  const kind = kindByCode[awsCode] ?? kindByCode[name];
  const foreign = kind === undefined && !isThrottlingError(error) ? foreignResponseInWords(error) : null;
  if (foreign !== null) return foreignResponseFault(foreign, error);
  const unreadable = unreadableAnswer(error);
  // It may have been cut short on the way.
  if (unreadable !== null) return new AwsFault('transient', 'UnexpectedResponse', unreadable, { cause: error });
  if (kind !== undefined) return fault(kind);
  if (isThrottlingError(error)) {
    return new AwsFault('throttled', awsCode, text, { cause: error, retryAfterMs: retryAfterMs($response) });
  }
  if ($metadata?.httpStatusCode === 413 || $metadata?.httpStatusCode === 414) return fault('refused');
  if (isTransientError(error)) return fault('transient');
  return fault('other');
}
