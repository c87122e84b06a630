import type { LambdaLimit } from '../contract/run.ts';

/** Says that fewer accounts were audited at once than the settings ask for, why, and what helps. */
export const lambdaLimitInWords = ({ accountsAtOnce, used, functions }: LambdaLimit): string =>
  `AWS Lambda runs at most ${functions} functions at once in this account and Region, so ${used} accounts were audited at once instead of ${accountsAtOnce}. ` +
  'Ask AWS to raise the quota "Concurrent executions" of AWS Lambda, or lower accountsAtOnce.';
