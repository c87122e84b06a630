import { AwsFault } from '../core/ports/aws-fault.ts';
import { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { AccountAccess } from '../core/ports/iam.ts';
import { PageMarkers } from '../core/ports/pages.ts';
import { principalScope } from '../core/policies/principal-patterns.ts';
import { nearNames } from '../core/wording/near-names.ts';
import { WrongUsage } from './wrong-usage.ts';

const READ = 'iam:GetAccountAuthorizationDetails';
/** Time for a few pages of principals. */
const WORK_MS = 300_000;

/**
 * Checks before the run that each pattern matches a principal: otherwise a mistyped pattern would audit nothing. Reads
 * only as many pages as it needs. If an account can't be read, there is no answer, and the run will say why.
 * @throws WrongUsage with similar principals
 */
export async function checkPrincipals(
  patterns: readonly string[],
  accountIds: readonly string[],
  access: AccountAccess,
): Promise<void> {
  const arns = new Set<string>();
  let unmatched = [...patterns];
  try {
    for (const accountId of accountIds) {
      for await (const page of principalsOf(accountId, access)) {
        for (const arn of page) arns.add(arn);
        unmatched = unmatched.filter((pattern) => !page.some(principalScope([pattern])));
        if (unmatched.length === 0) return;
      }
    }
  } catch (error: unknown) {
    if (error instanceof AwsFault) return;
    throw error;
  }
  const where = accountIds.length === 1 ? `account ${accountIds.join()}` : `accounts ${accountIds.join(', ')}`;
  throw new WrongUsage(
    unmatched
      .map(
        (pattern) => `error: --principal ${pattern} matches no user and no role of ${where}.${similar(pattern, arns)}`,
      )
      .join('\n'),
  );
}

async function* principalsOf(accountId: string, access: AccountAccess): AsyncGenerator<string[]> {
  const calls = new CallLedger();
  const { iam } = await access.open({ accountId, runId: 'check-principals', actions: [READ], workMs: WORK_MS, calls });
  const markers = new PageMarkers<string | null>('GetAccountAuthorizationDetails');
  let marker: string | null = null;
  do {
    const from: string | null = marker;
    const page = await iam.authorizationPage(['User', 'Role'], from);
    yield [...page.users, ...page.roles].map(({ arn }) => arn);
    marker = markers.next(page.marker);
  } while (marker !== null);
}

/** ARNs whose last part is like that of the pattern. */
function similar(pattern: string, arns: ReadonlySet<string>): string {
  const wanted = nameOf(pattern).replace(/[*?]/g, '');
  if (wanted === '') return '';
  const near = nearNames(wanted, new Set([...arns].map(nameOf)));
  const found = near.flatMap((name) => [...arns].filter((arn) => nameOf(arn) === name));
  return found.length === 0 ? '' : ` Similar: ${found.slice(0, 3).join(', ')}.`;
}

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? arn;
