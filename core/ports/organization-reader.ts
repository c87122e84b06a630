import type { ServiceOfEntity } from '../contract/organization-use/organization-use.ts';
import type { CallLedger } from './calls/call-ledger.ts';
import type { ReportPage } from './pages.ts';

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
  accountsPage(next: string | null): Promise<OrganizationPage<ListedAccount>>;
  rootsPage(next: string | null): Promise<OrganizationPage<ListedRoot>>;
  /** The units directly below a root or unit. */
  unitsPage(parentId: string, next: string | null): Promise<OrganizationPage<ListedUnit>>;
  /** IDs of the accounts directly below a root or unit. */
  childAccountsPage(parentId: string, next: string | null): Promise<OrganizationPage<string>>;
  /** The organization's policies of a kind, attached or not. */
  policiesPage(kind: ControlPolicyKind, next: string | null): Promise<OrganizationPage<ListedPolicy>>;
  /** A policy's document: JSON text. */
  policyDocument(policyId: string): Promise<string>;
  /** IDs of the roots, units and accounts that a policy is attached to. */
  targetsPage(policyId: string, next: string | null): Promise<OrganizationPage<string>>;
}

export interface ListedAccount {
  readonly accountId: string;
  /** Null if AWS does not return it. */
  readonly name: string | null;
  /** UNKNOWN if AWS does not return it. */
  readonly state: string;
}

/** Service control policies and resource control policies. */
export type ControlPolicyKind = 'service' | 'resource';

export interface ListedPolicy {
  readonly id: string;
  readonly name: string;
  readonly isAwsManaged: boolean;
}

export interface ListedRoot extends ListedUnit {
  /** The kinds of policies that are enabled below the root. */
  readonly enabled: readonly ControlPolicyKind[];
}

export interface ListedUnit {
  readonly id: string;
  readonly name: string;
}

export type AccessReportPage = ReportPage<ServiceOfEntity>;

/**
 * Reports about the services that SCPs allow a root, unit or account, and about their last use. Only the management
 * account may request them. Every method throws AwsFault.
 */
export interface AccessReportReader {
  /** @param entityPath such as `o-example/r-ab12/ou-ab12-11111111`. @returns the report's JobId */
  requestAccessReport(entityPath: string): Promise<string>;
  accessReportPage(jobId: string, marker: string | null): Promise<AccessReportPage>;
}

/** The organization, read with the hub's own credentials, and a ledger of every request. */
export interface OrganizationSession {
  readonly organization: OrganizationReader;
  readonly accessReports: AccessReportReader;
  readonly calls: CallLedger;
}
