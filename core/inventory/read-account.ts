import { AwsFault } from '../ports/aws-fault.ts';
import type { Clock } from '../ports/clock.ts';
import type { PasswordPolicy, PrincipalIdentity, Problem } from '../contract/evidence.ts';
import type { ServiceControlDocuments } from '../contract/account-objects.ts';
import type { ServiceControl } from '../contract/organization.ts';
import type {
  AccountRole,
  AccountUser,
  AuthorizationFilter,
  AuthorizationPage,
  IamReader,
  UnreadableEntity,
} from '../ports/iam.ts';
import type { PaceKeeper } from '../pacing/pace-keeper.ts';
import { AccountPolicies } from './account-policies.ts';
import { PageMarkers } from '../ports/pages.ts';
import type { Invocation } from '../ports/services.ts';
import { stopWhen } from '../ports/deadline.ts';
import { CredentialReportUnreadable, parseCredentialReport, type CredentialReport } from './credential-report.ts';

/** A new report takes seconds to minutes. AWS makes at most one every four hours and returns it until then. */
const CREDENTIAL_REPORT_TIMEOUT_MS = 120_000;
/** A report that is ready soon is read soon, and one that takes longer needs few calls: the wait grows with the time so far. */
const SHORTEST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 3_000;
const POLL_SHARE = 0.5;

/** The report expired between two calls, or is not ready yet. Another request makes a report. */
const NO_REPORT_YET = ['ReportNotPresent', 'ReportExpired', 'ReportInProgress'];

const CREDENTIAL_OPERATIONS = ['GenerateCredentialReport', 'GetCredentialReport'];

/** Time reserved for writing the inventory. */
const RESERVE_MS = 60_000;

export type InventoryCall = <T>(operation: string, send: () => Promise<T>) => Promise<T>;

/**
 * Sends the inventory's few calls one after another, each operation at its own pace. Stops before the function's
 * timeout, because a function that Lambda stops can't report the reason.
 */
export const inventoryCalls =
  (pace: PaceKeeper, clock: Clock, { remainingMs }: Invocation): InventoryCall =>
  async (operation, send) => {
    const stopWatching = stopWhen(
      clock,
      () => remainingMs() <= RESERVE_MS,
      () => {
        pace.abandon(new AwsFault('other', 'Interrupted', 'The account could not be read in one invocation.'));
      },
    );
    try {
      return await pace.queue(`iam:${operation}`).call(send);
    } finally {
      stopWatching();
    }
  };

/** If more entries of a listing can't be read, its answers as a whole are not what the audit knows. */
const MOST_UNREADABLE = 20;

/** Called with each entry of the inventory that can't be read. It is not in the inventory. */
export type OnUnreadable = (entity: UnreadableEntity) => void;

/** @throws AwsFault, also if too many entries can't be read */
async function* pages(
  iam: IamReader,
  call: InventoryCall,
  filter: readonly AuthorizationFilter[],
  onUnreadable: OnUnreadable,
): AsyncGenerator<AuthorizationPage> {
  let unreadable = 0;
  const markers = new PageMarkers<string | null>('GetAccountAuthorizationDetails');
  let marker: string | null = null;
  do {
    const from: string | null = marker;
    const page: AuthorizationPage = await call('GetAccountAuthorizationDetails', () =>
      iam.authorizationPage(filter, from),
    );
    marker = markers.next(page.marker);
    for (const entity of page.unreadable) {
      unreadable += 1;
      if (unreadable > MOST_UNREADABLE) throw entity.fault;
      onUnreadable(entity);
    }
    yield page;
  } while (marker !== null);
}

/**
 * Reads groups and managed policies first, so that each page of principals can then be described.
 * @param documents the account's SCPs; null if they are not known or none apply
 * @param onUnreadable called with each group and policy that can't be read. It then counts as not known
 * @throws AwsFault
 */
export async function readSharedPolicies(
  iam: IamReader,
  call: InventoryCall,
  serviceControl: ServiceControl | null,
  documents: ServiceControlDocuments | null,
  onUnreadable: OnUnreadable,
): Promise<AccountPolicies> {
  const policies = new AccountPolicies(serviceControl, documents?.flat() ?? []);
  for await (const page of pages(iam, call, ['Group', 'LocalManagedPolicy', 'AWSManagedPolicy'], onUnreadable)) {
    policies.addGroups(page.groups);
    policies.addPolicies(page.policies);
  }
  return policies;
}

export type ListedPrincipal =
  { readonly type: 'user'; readonly detail: AccountUser } | { readonly type: 'role'; readonly detail: AccountRole };

export const identityOf = (accountId: string, { type, detail }: ListedPrincipal): PrincipalIdentity => ({
  accountId,
  arn: detail.arn,
  type,
  name: detail.name,
  path: detail.path,
  principalId: detail.id,
  createdAt: detail.createdAt,
  tags: { ...detail.tags },
});

/** @throws AwsFault */
export async function* readPrincipals(
  iam: IamReader,
  call: InventoryCall,
  onUnreadable: OnUnreadable,
): AsyncGenerator<ListedPrincipal> {
  for await (const page of pages(iam, call, ['User', 'Role'], onUnreadable)) {
    for (const detail of page.users) yield { type: 'user', detail };
    for (const detail of page.roles) yield { type: 'role', detail };
  }
}

export type CredentialReportResult =
  | { readonly kind: 'report'; readonly report: CredentialReport }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** The credential report, or the reason why there is none. A missing permission for the report fails only this part. */
export async function readCredentials(
  iam: IamReader,
  call: InventoryCall,
  pace: PaceKeeper,
  clock: Clock,
): Promise<CredentialReportResult> {
  const unavailable = (code: string, message: string): CredentialReportResult => ({
    kind: 'problem',
    problem: { step: 'credentials', code, message },
  });
  const startedAt = clock.now();
  const isLate = (): boolean => clock.now() - startedAt > CREDENTIAL_REPORT_TIMEOUT_MS;
  const late = new AwsFault('other', 'ReportTimedOut', 'The credential report was not ready in time.');
  // AWS may throttle these calls for minutes, and the pacer would wait. This part must not delay the account.
  const stopWatching = stopWhen(clock, isLate, () => {
    for (const operation of CREDENTIAL_OPERATIONS) pace.queue(`iam:${operation}`).abandon(late);
  });
  try {
    for (;;) {
      const ready = await reportIfReady(iam, call);
      if (ready !== null) return { kind: 'report', report: parseCredentialReport(ready.csv, ready.generatedAt) };
      if (isLate()) throw late;
      const waitedMs = POLL_SHARE * (clock.now() - startedAt);
      await clock.sleep(Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, waitedMs)));
    }
  } catch (error: unknown) {
    if (error instanceof AwsFault) return unavailable(codeOf(error), error.message);
    if (error instanceof CredentialReportUnreadable) return unavailable('ReportFailed', error.message);
    throw error;
  } finally {
    stopWatching();
  }
}

export type PasswordPolicyResult =
  | { readonly kind: 'policy'; readonly policy: PasswordPolicy }
  /** No user is known to have a password, so the policy does not matter. */
  | { readonly kind: 'notAsked' }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** The account's password policy. A missing permission fails only this part. */
export async function readPasswordPolicy(
  iam: IamReader,
  call: InventoryCall,
  pace: PaceKeeper,
  clock: Clock,
  credentials: CredentialReportResult,
): Promise<PasswordPolicyResult> {
  if (usersWithPassword(credentials) === 0) return { kind: 'notAsked' };
  const startedAt = clock.now();
  const stopWatching = stopWhen(
    clock,
    () => clock.now() - startedAt > CREDENTIAL_REPORT_TIMEOUT_MS,
    () => {
      const late = new AwsFault('other', 'ReportTimedOut', 'The password policy could not be read in time.');
      pace.queue('iam:GetAccountPasswordPolicy').abandon(late);
    },
  );
  try {
    return { kind: 'policy', policy: await call('GetAccountPasswordPolicy', () => iam.passwordPolicy()) };
  } catch (error: unknown) {
    if (!(error instanceof AwsFault)) throw error;
    const message = `The account's password policy is not known. ${error.message}`;
    return { kind: 'problem', problem: { step: 'credentials', code: codeOf(error), message } };
  } finally {
    stopWatching();
  }
}

/** Null if there is no credential report. */
export const usersWithPassword = (result: CredentialReportResult): number | null =>
  result.kind === 'problem'
    ? null
    : [...result.report.byArn.values()].filter(({ credentials }) => credentials.passwordEnabled === true).length;

async function reportIfReady(
  iam: IamReader,
  call: InventoryCall,
): Promise<Awaited<ReturnType<IamReader['credentialReport']>> | null> {
  if ((await call('GenerateCredentialReport', () => iam.requestCredentialReport())) !== 'COMPLETE') return null;
  try {
    return await call('GetCredentialReport', () => iam.credentialReport());
  } catch (error: unknown) {
    if (error instanceof AwsFault && NO_REPORT_YET.includes(error.code)) return null;
    throw error;
  }
}

/** The contract has its own code for a call that was abandoned because AWS throttled it. */
export const codeOf = ({ kind, code }: AwsFault): string => (kind === 'throttled' ? 'Throttled' : code);
