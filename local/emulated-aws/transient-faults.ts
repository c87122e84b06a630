import type { Random } from '../../core/ports/clock.ts';

/** Shares of requests, from 0 to 1, that meet a transient fault of each kind. */
export interface FaultShares {
  readonly reset?: number;
  /** 500 with IAM's ServiceFailure. */
  readonly serverError?: number;
  readonly badGateway?: number;
  readonly unavailable?: number;
  /** Never answered. */
  readonly silence?: number;
}

export type Fault =
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'failure' }
  | { readonly kind: 'page'; readonly status: 502 | 503 };

/** Draws whether a request meets a fault. */
export function drawFault(shares: FaultShares, random: Random): Fault | null {
  const { reset = 0, serverError = 0, badGateway = 0, unavailable = 0, silence = 0 } = shares;
  let drawn = random();
  const hit = (share: number): boolean => {
    const was = drawn < share;
    drawn -= share;
    return was;
  };
  if (hit(reset)) return { kind: 'reset' };
  if (hit(silence)) return { kind: 'silence' };
  if (hit(badGateway)) return { kind: 'page', status: 502 };
  if (hit(unavailable)) return { kind: 'page', status: 503 };
  return hit(serverError) ? { kind: 'failure' } : null;
}
