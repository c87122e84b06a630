/** The field `event` of the lines that functions log. Queries and metric filters select lines by it. */
export const logEvents = {
  /** An invocation has ended. */
  ended: 'InvocationEnded',
  /** An invocation threw an error. */
  failed: 'InvocationFailed',
  /** Something is missing or was repaired, and the run goes on. */
  warning: 'Warning',
  /** A stored object can't be used. */
  damaged: 'ObjectDamaged',
} as const;
