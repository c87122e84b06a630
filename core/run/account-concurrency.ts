import { AwsFault } from '../ports/aws-fault.ts';
import type { LambdaLimit } from '../contract/run.ts';
import { lambdaLimitInWords } from '../wording/lambda-limit.ts';
import type { Services } from '../ports/services.ts';

/**
 * Share of the functions that may run at once which the audit takes: an account runs one function at a time, and the
 * rest is for everything else in the account.
 */
const SHARE = 0.8;

/**
 * How many accounts are audited at once: as many as the settings say, unless AWS Lambda runs fewer functions at once.
 * New AWS accounts have 10. Where the limit can't be read, the settings count, with a warning.
 */
export async function limitAccountConcurrency(
  accounts: number,
  { settings, functionLimit, warn }: Services,
): Promise<{ accountsAtOnce: number; lambdaLimit: LambdaLimit | null }> {
  const { accountsAtOnce } = settings;
  const functions = await readLimit(functionLimit, warn);
  const used =
    functions === null ? accountsAtOnce : Math.min(accountsAtOnce, Math.max(1, Math.floor(functions * SHARE)));
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
    warn(`How many functions AWS Lambda runs at once could not be read (${error.code}: ${error.message}).`);
    return null;
  }
}
