import type { Random } from '../../core/clock.ts';

/** Shares of requests, between 0 and 1, that meet a fault; together at most 1. */
export interface FaultShares {
  /** The connection is reset. The operation has been done, its answer is lost. */
  readonly reset?: number;
  /** No answer comes until the client gives up. The operation has been done. */
  readonly noAnswer?: number;
  /** 500 ServiceFailure. */
  readonly serverError?: number;
  /** 502 from something in front of the service, as HTML. */
  readonly badGateway?: number;
  /** 503, the same. */
  readonly unavailable?: number;
}

export type Fault = keyof FaultShares;

const kinds = ['reset', 'noAnswer', 'serverError', 'badGateway', 'unavailable'] as const;

/** Which fault a request meets, if any. */
export function drawFault(shares: FaultShares, random: Random): Fault | null {
  let left = random();
  for (const kind of kinds) {
    left -= shares[kind] ?? 0;
    if (left < 0) return kind;
  }
  return null;
}

export const totalShare = (shares: FaultShares): number => kinds.reduce((sum, kind) => sum + (shares[kind] ?? 0), 0);
