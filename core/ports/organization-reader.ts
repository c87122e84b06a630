import type { CallLedger } from './call-ledger.ts';

/** Pages may be empty although more follow (AWS Organizations API Reference, "NextToken"). */
export interface OrganizationPage<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** The hub's interface to AWS Organizations; `aws/` implements it. Every method throws AwsFault. */
export interface OrganizationReader {
  /** Null: the hub's account is in no organization. */
  describe(): Promise<{ readonly organizationId: string; readonly managementAccountId: string } | null>;
  /** @returns accounts with their state; UNKNOWN if AWS does not return it */
  accountsPage(next: string | null): Promise<OrganizationPage<{ readonly accountId: string; readonly state: string }>>;
  /** @returns roots, and whether SCPs are enabled below each */
  rootsPage(next: string | null): Promise<OrganizationPage<{ readonly id: string; readonly scpsEnabled: boolean }>>;
  /** IDs of the direct children of a root or organizational unit. */
  childrenPage(parentId: string, kind: ChildKind, next: string | null): Promise<OrganizationPage<string>>;
  /** IDs of the organization's SCPs, attached or not. */
  policiesPage(next: string | null): Promise<OrganizationPage<string>>;
  /** An SCP's document: JSON text. */
  policyDocument(policyId: string): Promise<string>;
  /** IDs of the roots, units and accounts that an SCP is attached to. */
  targetsPage(policyId: string, next: string | null): Promise<OrganizationPage<string>>;
}

export type ChildKind = 'unit' | 'account';

/** The organization, read with the hub's own credentials, and a ledger of every request. */
export interface OrganizationSession {
  readonly organization: OrganizationReader;
  readonly calls: CallLedger;
}
