import type { InventoryLine, WorklistLine } from '../contract/account-objects.ts';
import { accountInOrganization, serviceControlDocuments } from '../organization/account-in-organization.ts';
import type { Members } from '../organization/member-groups.ts';
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
import { AwsFault } from '../ports/aws-fault.ts';
import type { UnreadableEntity } from '../ports/iam.ts';
import { namedAccounts } from '../trust/trusted-principal.ts';
import { mayBeUsedUntracked } from './untracked-use.ts';

/** Data of the account that is needed to describe each of its principals. */
export interface AccountContext {
  readonly accountId: string;
  readonly policies: AccountPolicies;
  readonly credentials: CredentialReportResult;
  readonly passwordPolicy: PasswordPolicyResult;
  /** Accounts of the organization; null if they are not known. */
  readonly members: Members | null;
  /** The groups and policies that can't be read. */
  readonly unreadable: readonly UnreadableEntity[];
  /** When the account is read, milliseconds since the epoch. */
  readonly now: number;
}

/** @throws AwsFault, StoreError */
export async function readAccountContext(
  { runId, accountId }: { readonly runId: string; readonly accountId: string },
  { iam, call, pace }: OpenAccount,
  { store, clock }: Services,
): Promise<AccountContext> {
  const { members, serviceControl } = await accountInOrganization(store, runId, accountId);
  const documents = await serviceControlDocuments(store, runId, serviceControl);
  // AWS takes seconds to make a credential report. Meanwhile the policies are read.
  const unreadable: UnreadableEntity[] = [];
  const reads = [
    readSharedPolicies(iam, call, serviceControl, documents, (entity) => unreadable.push(entity)),
    readCredentials(iam, call, pace, clock),
  ] as const;
  for (const read of reads) {
    read.catch(() => {
      pace.abandon(new AwsFault('other', 'Interrupted', 'Another part of the account could not be read.'));
    });
  }
  const [shared, report] = await Promise.allSettled(reads);
  if (shared.status === 'rejected') throw shared.reason;
  if (report.status === 'rejected') throw report.reason;
  const policies = shared.value;
  const credentials = report.value;
  const passwordPolicy = await readPasswordPolicy(iam, call, pace, clock, credentials);
  return { accountId, policies, credentials, passwordPolicy, members, unreadable, now: clock.now() };
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
  { accountId, policies, credentials, members, now }: AccountContext,
): Promise<DescribedPrincipal> {
  const { type, detail } = principal;
  const identity = identityOf(accountId, principal);
  const own = type === 'user' ? userCredentials(identity, credentials) : { credentials: null, problems: [] };
  const { fingerprint, lasting, everythingKnown, mayUseUnlistedCredentials, ...scope } = await policies.describe(
    identity,
    detail,
    own.credentials?.mfaActive ?? false,
  );
  const organizationAccounts = members === null ? null : await trustedMembers(principal, members);
  const { traits, problems } = principalTraits(identity, principal, organizationAccounts, now);
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

/** The accounts of the organization that a role's trust policy names. */
async function trustedMembers({ type, detail }: ListedPrincipal, members: Members): Promise<ReadonlySet<string>> {
  const trusted = new Set<string>();
  if (type === 'user') return trusted;
  for (const accountId of namedAccounts(detail.trustPolicy)) {
    if ((await members.find(accountId)) !== undefined) trusted.add(accountId);
  }
  return trusted;
}
