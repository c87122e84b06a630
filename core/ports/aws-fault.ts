/** The kinds of AWS faults that the audit distinguishes. Adapters translate every SDK error into one of them. */
export type FaultKind =
  /** Rate exceeded: wait for the pacer and repeat the call. */
  | 'throttled'
  /** The credentials have no permission for the call. */
  | 'denied'
  /** The entity does not exist any more. */
  | 'missing'
  /** AWS rejected the request: it is too large, or it contains a value that AWS does not know. */
  | 'refused'
  /** The session ended: new credentials are needed. */
  | 'expired'
  /** There are no credentials, or they are not valid. */
  | 'unauthenticated'
  /** Connection reset, timeout or server fault that remained after all retries. */
  | 'transient'
  | 'other';

/** A fault that AWS returned, or that prevented a response. `code` is AWS's error code. */
export class AwsFault extends Error {
  override name = 'AwsFault';
  /** Milliseconds that AWS asks to wait before the next request (Retry-After); 0 if it does not say. */
  readonly retryAfterMs: number;
  constructor(
    readonly kind: FaultKind,
    readonly code: string,
    message: string,
    options: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? 0;
    // Step Functions shows only the name, and the code is more specific than the class.
    this.name = code;
  }
}

export const isThrottle = (error: unknown): boolean => error instanceof AwsFault && error.kind === 'throttled';
