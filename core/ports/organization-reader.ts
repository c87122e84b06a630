import type { CallLedger } from './call-ledger.ts';

/** Pages may be empty although more follow (AWS Organizations API Reference, "NextToken"). */
export interface OrganizationPage<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** What the hub reads of its organization, in the domain's terms; `aws/` implements it. Every method throws AwsFault. */
export interface OrganizationReader {
  /** Null: the hub's account is in no organization. */
  describe(): Promise<{ readonly organizationId: string; readonly managementAccountId: string } | null>;
  /** @returns accounts with their state, UNKNOWN where AWS does not say it */
  accountsPage(next: string | null): Promise<OrganizationPage<{ readonly accountId: string; readonly state: string }>>;
  /** @returns roots, and whether SCPs are enabled below each */
  rootsPage(next: string | null): Promise<OrganizationPage<{ readonly id: string; readonly scpsEnabled: boolean }>>;
  /** Ids of what stands directly below a root or unit. */
  childrenPage(parentId: string, kind: ChildKind, next: string | null): Promise<OrganizationPage<string>>;
  /** Ids of the organization's SCPs, attached or not. */
  policiesPage(next: string | null): Promise<OrganizationPage<string>>;
  /** An SCP's document: JSON text. */
  policyDocument(policyId: string): Promise<string>;
  /** Ids of the roots, units and accounts that an SCP is attached to. */
  targetsPage(policyId: string, next: string | null): Promise<OrganizationPage<string>>;
}

export type ChildKind = 'unit' | 'account';

/** The organization seen with the hub's own credentials, and a ledger of every request. */
export interface OrganizationSession {
  readonly organization: OrganizationReader;
  readonly calls: CallLedger;
}
