import type { LambdaLimit } from '../contract/run.ts';

/** Says that the run audited fewer accounts at once than the setting, why, and what to do. */
export const lambdaLimitInWords = ({ accountsAtOnce, used, functions }: LambdaLimit): string =>
  `AWS Lambda runs at most ${functions} functions at once in this account and Region. Therefore ${used} accounts were audited at once instead of ${accountsAtOnce}. ` +
  'Request an increase of the AWS Lambda quota "Concurrent executions", or lower the setting accountsAtOnce.';
