import { isThrottlingError, isTransientError } from '@smithy/core/retry';
import * as v from 'valibot';
import { AwsFault, type FaultKind } from '../core/ports/aws-fault.ts';

/** What SDK errors carry, as far as it is used here. */
const ErrorShape = v.object({
  name: v.string(),
  message: v.string(),
  /** AWS's own code, where the protocol gives it; the SDK's name may have "Exception" behind it. */
  Code: v.optional(v.string()),
  /** Node's code for faults of the network. */
  code: v.optional(v.string()),
  $metadata: v.optional(v.object({ attempts: v.optional(v.number()), httpStatusCode: v.optional(v.number()) })),
});

const kindByCode: Readonly<Record<string, FaultKind>> = {
  AccessDenied: 'denied',
  AccessDeniedException: 'denied',
  UnauthorizedOperation: 'denied',
  // The role's account has not activated STS in the Region that was called.
  RegionDisabledException: 'denied',
  NoSuchEntity: 'missing',
  InvalidInput: 'refused',
  ValidationError: 'refused',
  MalformedInput: 'refused',
  // One of the principal's own policies can't be evaluated: no later attempt will find otherwise.
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

/** Every field that the SDK adds to an error is optional to its own classifiers. */
type ClassifiedError = Parameters<typeof isTransientError>[0];
const isSdkError = (error: unknown): error is ClassifiedError => error instanceof Error;

/** How many requests a call took, as the SDK says on results and errors; 1 where it does not. */
export function attemptsOf(answer: unknown): number {
  const parsed = v.safeParse(v.object({ $metadata: v.object({ attempts: v.number() }) }), answer);
  return parsed.success ? parsed.output.$metadata.attempts : 1;
}

/** Translates what an SDK client threw. The code is AWS's, without the SDK's "Exception". */
export function toAwsFault(error: unknown): AwsFault {
  if (error instanceof AwsFault) return error;
  const parsed = v.safeParse(ErrorShape, error);
  if (!parsed.success || !isSdkError(error)) {
    return new AwsFault('other', 'Unknown', String(error), { cause: error });
  }
  const { name, message, Code, code, $metadata } = parsed.output;
  const awsCode = Code ?? (name === 'Error' && code !== undefined ? code : name.replace(/Exception$/, ''));
  const text = message === '' ? (code ?? name) : message;
  const fault = (kind: FaultKind): AwsFault => new AwsFault(kind, awsCode, text, { cause: error });
  const known = kindByCode[awsCode] ?? kindByCode[name];
  if (known !== undefined) return fault(known);
  if (isThrottlingError(error)) return fault('throttled');
  if ($metadata?.httpStatusCode === 413 || $metadata?.httpStatusCode === 414) return fault('refused');
  if (isTransientError(error)) return fault('transient');
  return fault('other');
}
