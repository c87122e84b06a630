import type { LambdaLimit } from '../contract/run.ts';

/** Says that the run audits fewer accounts at once than the setting, why, and what to do. */
export const lambdaLimitInWords = ({ accountsAtOnce, reducedTo, concurrentExecutions }: LambdaLimit): string =>
  `AWS Lambda runs at most ${concurrentExecutions} functions at once in this account and Region. Therefore the run audits at most ${reducedTo} ${reducedTo === 1 ? 'account' : 'accounts'} at once instead of ${accountsAtOnce}. ` +
  'Request an increase of the AWS Lambda quota "Concurrent executions", or lower the setting accountsAtOnce.';
