import { AwsFault } from '../ports/aws-fault.ts';
import type { LambdaLimit } from '../contract/run.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import type { Services } from '../ports/services.ts';

/**
 * Share of the Lambda concurrency quota that the audit uses. Each account that is being audited runs one function at a
 * time. The rest of the quota is for other functions.
 */
const CONCURRENCY_SHARE = 0.8;

/**
 * The number of accounts audited at once: the setting `accountsAtOnce`, or less if AWS Lambda's concurrency quota is too
 * small. New AWS accounts have a quota of 10. If the quota can't be read, the setting applies, with a warning.
 */
export async function limitAccountConcurrency(
  accounts: number,
  { settings, lambdaConcurrency, warn }: Services,
): Promise<{ accountsAtOnce: number; lambdaLimit: LambdaLimit | null }> {
  const { accountsAtOnce } = settings;
  const concurrentExecutions = await readQuota(lambdaConcurrency, warn);
  const reducedTo =
    concurrentExecutions === null
      ? accountsAtOnce
      : Math.min(accountsAtOnce, Math.max(1, Math.floor(concurrentExecutions * CONCURRENCY_SHARE)));
  if (concurrentExecutions === null || reducedTo >= Math.min(accounts, accountsAtOnce))
    return { accountsAtOnce: reducedTo, lambdaLimit: null };
  const lambdaLimit = { accountsAtOnce, reducedTo, concurrentExecutions };
  warn(lambdaLimitInWords(lambdaLimit));
  return { accountsAtOnce: reducedTo, lambdaLimit };
}

async function readQuota(
  lambdaConcurrency: Services['lambdaConcurrency'],
  warn: Services['warn'],
): Promise<number | null> {
  if (lambdaConcurrency === undefined) return null;
  try {
    return await lambdaConcurrency.quota();
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    warn(`The concurrency quota of AWS Lambda could not be read (${error.code}: ${error.message}).`);
    return null;
  }
}
