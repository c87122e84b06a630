import type { Random } from '../../core/ports/clock.ts';

/** For each kind of transient fault, the share of requests (0 to 1) that get it. */
export interface FaultShares {
  readonly reset?: number;
  /** HTTP status 500 with IAM's ServiceFailure. */
  readonly serverError?: number;
  readonly badGateway?: number;
  readonly unavailable?: number;
  /** The request gets no response. */
  readonly silence?: number;
}

export type Fault =
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'failure' }
  | { readonly kind: 'page'; readonly status: 502 | 503 };

/** Decides at random whether a request gets a fault, and which one. */
export function drawFault(shares: FaultShares, random: Random): Fault | null {
  const { reset = 0, serverError = 0, badGateway = 0, unavailable = 0, silence = 0 } = shares;
  let drawn = random();
  const hit = (share: number): boolean => {
    const isHit = drawn < share;
    drawn -= share;
    return isHit;
  };
  if (hit(reset)) return { kind: 'reset' };
  if (hit(silence)) return { kind: 'silence' };
  if (hit(badGateway)) return { kind: 'page', status: 502 };
  if (hit(unavailable)) return { kind: 'page', status: 503 };
  return hit(serverError) ? { kind: 'failure' } : null;
}
