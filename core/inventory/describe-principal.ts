import type { InventoryLine, WorklistLine } from '../contract/account-objects.ts';
import { accountInOrganization } from '../organization/account-in-organization.ts';
import type { Services } from '../ports/services.ts';
import { hasOnlyReportedCredentials, userCredentials } from './account-credentials.ts';
import type { AccountPolicies } from './account-policies.ts';
import type { OpenAccount } from './account-session.ts';
import { principalTraits } from './principal-traits.ts';
import {
  identityOf,
  readCredentials,
  readPasswordPolicy,
  readSharedPolicies,
  type CredentialReportResult,
  type PasswordPolicyResult,
  type ListedPrincipal,
} from './read-account.ts';
import { mayBeUsedUntracked } from './untracked-use.ts';

/** Data of the account that is needed to describe each of its principals. */
export interface AccountContext {
  readonly accountId: string;
  readonly policies: AccountPolicies;
  readonly credentials: CredentialReportResult;
  readonly passwordPolicy: PasswordPolicyResult;
  /** Accounts of the organization; null if they are not known. */
  readonly organizationAccounts: ReadonlySet<string> | null;
  /** When the account is read, milliseconds since the epoch. */
  readonly now: number;
}

/** @throws AwsFault, StoreError */
export async function readAccountContext(
  { runId, accountId }: { readonly runId: string; readonly accountId: string },
  { iam, call, pace }: OpenAccount,
  { store, clock }: Services,
): Promise<AccountContext> {
  const { organizationAccounts, serviceControl } = await accountInOrganization(store, runId, accountId);
  const policies = await readSharedPolicies(iam, call, serviceControl);
  const credentials = await readCredentials(iam, call, pace, clock);
  const passwordPolicy = await readPasswordPolicy(iam, call, pace, clock, credentials);
  return { accountId, policies, credentials, passwordPolicy, organizationAccounts, now: clock.now() };
}

export interface DescribedPrincipal {
  readonly line: Omit<InventoryLine, 'source' | 'refreshOn' | 'refreshIdleOn' | 'signIn'>;
  readonly work: Omit<WorklistLine, 'asks'>;
  /** False if decisions depend on the time of the request: they may change without a change of a policy. */
  readonly lasting: boolean;
  /** True if the inventory may miss uses of the principal or changes of its policies. */
  readonly mayChangeUnseen: boolean;
}

/** What the inventory and the worklist say about a principal. */
export async function describePrincipal(
  principal: ListedPrincipal,
  { accountId, policies, credentials, organizationAccounts, now }: AccountContext,
): Promise<DescribedPrincipal> {
  const { type, detail } = principal;
  const identity = identityOf(accountId, principal);
  const { fingerprint, lasting, everythingKnown, mayUseUnlistedCredentials, ...scope } = await policies.describe(
    identity,
    detail,
  );
  const { traits, problems } = principalTraits(identity, principal, organizationAccounts, now);
  const own = type === 'user' ? userCredentials(identity, credentials) : { credentials: null, problems: [] };
  const onlyReportedCredentials = hasOnlyReportedCredentials(detail.arn, own.credentials, credentials);
  return {
    line: {
      ...identity,
      ...traits,
      fingerprint,
      credentials: own.credentials,
      problems: [...problems, ...own.problems],
    },
    work: { arn: detail.arn, type, ...scope },
    lasting,
    mayChangeUnseen:
      !everythingKnown || mayBeUsedUntracked(identity, { mayUseUnlistedCredentials, onlyReportedCredentials }),
  };
}
