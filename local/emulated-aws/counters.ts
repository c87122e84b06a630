/** How a request ended: `faulted` by an injected fault, `refused` with any other error than throttling. */
export type Outcome = 'succeeded' | 'throttled' | 'faulted' | 'refused';

export type OperationCounters = { received: number } & Record<Outcome, number>;

/** A request for an IAM action that changes something: an audit must never send one. */
export interface WriteAttempt {
  readonly accountId: string;
  /** Of the caller. */
  readonly arn: string;
  readonly action: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The counters of one account and operation, made when they are first asked for. */
export function countersOf(all: Map<string, OperationCounters>, accountId: string, operation: string): OperationCounters {
  const key = `${accountId} ${operation}`;
  const known = all.get(key);
  if (known !== undefined) return known;
  const counters = { received: 0, succeeded: 0, throttled: 0, faulted: 0, refused: 0 };
  all.set(key, counters);
  return counters;
}

/** IAM's reading actions are those named so; every other one counts as a write, unknown ones too. */
export const isWrite = (action: string): boolean => !/^(Get|List|Simulate|Generate)[A-Z]/.test(action);
