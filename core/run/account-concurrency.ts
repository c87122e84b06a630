import { AwsFault } from '../ports/aws-fault.ts';
import type { LambdaLimit } from '../contract/run.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import type { Services } from '../ports/services.ts';

/**
 * Share of the Lambda concurrency limit that the audit uses. Each audited account runs one function at a time. The rest
 * of the limit is for other functions.
 */
const CONCURRENCY_SHARE = 0.8;

/**
 * The number of accounts audited at once: the setting `accountsAtOnce`, or less if AWS Lambda's concurrency limit is
 * lower. New AWS accounts have a limit of 10. If the limit can't be read, the setting applies, with a warning.
 */
export async function limitAccountConcurrency(
  accounts: number,
  { settings, functionLimit, warn }: Services,
): Promise<{ accountsAtOnce: number; lambdaLimit: LambdaLimit | null }> {
  const { accountsAtOnce } = settings;
  const functions = await readLimit(functionLimit, warn);
  const used =
    functions === null
      ? accountsAtOnce
      : Math.min(accountsAtOnce, Math.max(1, Math.floor(functions * CONCURRENCY_SHARE)));
  if (functions === null || used >= Math.min(accounts, accountsAtOnce))
    return { accountsAtOnce: used, lambdaLimit: null };
  const lambdaLimit = { accountsAtOnce, used, functions };
  warn(lambdaLimitInWords(lambdaLimit));
  return { accountsAtOnce: used, lambdaLimit };
}

async function readLimit(functionLimit: Services['functionLimit'], warn: Services['warn']): Promise<number | null> {
  if (functionLimit === undefined) return null;
  try {
    return await functionLimit.concurrentFunctions();
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    warn(`The concurrency limit of AWS Lambda could not be read (${error.code}: ${error.message}).`);
    return null;
  }
}
