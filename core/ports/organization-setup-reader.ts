import type { OrganizationPage } from './organization-reader.ts';

/** What StackSets need from AWS Organizations; `aws/` implements it. Every method throws AwsFault. */
export interface OrganizationSetupReader {
  /** Null: the caller's account is in no organization. */
  organization(): Promise<{
    readonly organizationId: string;
    readonly managementAccountId: string;
    /** Whether all features are enabled. Otherwise the organization has consolidated billing only. */
    readonly allFeatures: boolean;
  } | null>;
  /** Service principals with trusted access. */
  trustedServicesPage(next: string | null): Promise<OrganizationPage<string>>;
  /** Accounts that are delegated administrators for a service. */
  administratorsPage(servicePrincipal: string, next: string | null): Promise<OrganizationPage<string>>;
}
