import { AwsFault } from '../aws-fault.ts';
import type { Clock } from '../clock.ts';
import type { Problem } from '../contract/evidence.ts';
import type { AccountRole, AccountUser, AuthorizationFilter, AuthorizationPage, IamReader } from '../iam.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import { AccountPolicies } from './account-policies.ts';
import { parseCredentialReport, type CredentialReport } from './credential-report.ts';

/** A first report takes seconds to minutes; AWS makes at most one in four hours and gives the cached one otherwise. */
const CREDENTIAL_REPORT_TIMEOUT_MS = 120_000;
const CREDENTIAL_REPORT_POLL_MS = 3_000;

type Call = <T>(operation: string, send: () => Promise<T>) => Promise<T>;

/** Sends the inventory's few calls one by one, each operation at its own pace. */
export const inventoryCalls =
  (pace: PaceKeeper): Call =>
  (operation, send) =>
    pace.queue(`iam:${operation}`).call(send);

async function* pages(
  iam: IamReader,
  call: Call,
  filter: readonly AuthorizationFilter[],
): AsyncGenerator<AuthorizationPage> {
  let marker: string | null = null;
  do {
    const from: string | null = marker;
    const page: AuthorizationPage = await call('GetAccountAuthorizationDetails', () =>
      iam.authorizationPage(filter, from),
    );
    yield page;
    marker = page.marker;
  } while (marker !== null);
}

/** First what principals refer to, so that they can then be described one by one, page by page. @throws AwsFault */
export async function readPolicies(iam: IamReader, call: Call): Promise<AccountPolicies> {
  const policies = new AccountPolicies();
  for await (const page of pages(iam, call, ['Group', 'LocalManagedPolicy', 'AWSManagedPolicy'])) {
    policies.addGroups(page.groups);
    policies.addPolicies(page.policies);
  }
  return policies;
}

/** @throws AwsFault */
export async function* readPrincipals(
  iam: IamReader,
  call: Call,
): AsyncGenerator<{ type: 'user'; detail: AccountUser } | { type: 'role'; detail: AccountRole }> {
  for await (const page of pages(iam, call, ['User', 'Role'])) {
    for (const detail of page.users) yield { type: 'user', detail };
    for (const detail of page.roles) yield { type: 'role', detail };
  }
}

export type CredentialAnswer =
  | { readonly kind: 'report'; readonly report: CredentialReport }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** The credential report, or why there is none: a missing permission for it fails no more than this part. */
export async function readCredentials(iam: IamReader, call: Call, clock: Clock): Promise<CredentialAnswer> {
  const unavailable = (code: string, message: string): CredentialAnswer => ({
    kind: 'problem',
    problem: { step: 'credentials', code, message },
  });
  try {
    const startedAt = clock.now();
    while ((await call('GenerateCredentialReport', () => iam.requestCredentialReport())) !== 'COMPLETE') {
      if (clock.now() - startedAt > CREDENTIAL_REPORT_TIMEOUT_MS) {
        return unavailable('ReportTimedOut', 'The credential report was not ready in time.');
      }
      await clock.sleep(CREDENTIAL_REPORT_POLL_MS);
    }
    const { csv, generatedAt } = await call('GetCredentialReport', () => iam.credentialReport());
    return { kind: 'report', report: parseCredentialReport(csv, generatedAt) };
  } catch (error: unknown) {
    if (error instanceof AwsFault) return unavailable(error.code, error.message);
    throw error;
  }
}
