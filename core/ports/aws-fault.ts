/** What a fault of AWS means for the pipeline. Adapters translate every SDK error into one of these. */
export type FaultKind =
  /** Rate exceeded: wait for the pacer and ask again. */
  | 'throttled'
  /** The credentials may not do this. */
  | 'denied'
  /** What was asked about is gone. */
  | 'missing'
  /** The request itself was not accepted: too large, or something in it is unknown to AWS. */
  | 'refused'
  /** The session ended: new credentials are needed. */
  | 'expired'
  /** There are no credentials, or they are not valid. */
  | 'unauthenticated'
  /** Reset, time-out or server fault that outlived its retries. */
  | 'transient'
  | 'other';

/** A fault that AWS answered, or that kept it from answering. `code` is AWS's error code. */
export class AwsFault extends Error {
  override name = 'AwsFault';
  constructor(
    readonly kind: FaultKind,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    // Step Functions shows only the name: the code says more than the class.
    this.name = code;
  }
}

export const isThrottle = (error: unknown): boolean => error instanceof AwsFault && error.kind === 'throttled';
