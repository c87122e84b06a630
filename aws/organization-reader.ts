import {
  AWSOrganizationsNotInUseException,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  ListAccountsCommand,
  ListChildrenCommand,
  ListOrganizationalUnitsForParentCommand,
  ListPoliciesCommand,
  ListRootsCommand,
  ListTargetsForPolicyCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { CallLedger } from '../core/ports/calls/call-ledger.ts';
import type { Clock } from '../core/ports/clock.ts';
import type {
  ControlPolicyKind,
  ListedAccount,
  ListedPolicy,
  ListedRoot,
  ListedUnit,
  OrganizationPage,
  OrganizationReader,
} from '../core/ports/organization-reader.ts';
import { countedCall } from './counted-call.ts';
import { required } from './required.ts';

const policyTypes = { service: 'SERVICE_CONTROL_POLICY', resource: 'RESOURCE_CONTROL_POLICY' } as const;
const policyKinds: readonly ControlPolicyKind[] = ['service', 'resource'];
/** The maximum page size of these operations. */
const MAX_RESULTS = 20;

/** Reads AWS Organizations with one client. Records every request in the ledger. */
export class SdkOrganizationReader implements OrganizationReader {
  readonly #client: OrganizationsClient;
  readonly #ledger: CallLedger;
  readonly #clock: Clock;

  constructor(dependencies: { client: OrganizationsClient; ledger: CallLedger; clock: Clock }) {
    this.#client = dependencies.client;
    this.#ledger = dependencies.ledger;
    this.#clock = dependencies.clock;
  }

  async describe(): Promise<{ organizationId: string; managementAccountId: string } | null> {
    const response = await this.#count('DescribeOrganization', () =>
      this.#client.send(new DescribeOrganizationCommand({})).catch((error: unknown) => {
        // Not a failure: the account is not in an organization.
        if (error instanceof AWSOrganizationsNotInUseException) return error;
        throw error;
      }),
    );
    if (response instanceof AWSOrganizationsNotInUseException) return null;
    const organization = required(response.Organization, 'DescribeOrganization', 'Organization');
    return {
      organizationId: required(organization.Id, 'DescribeOrganization', 'Id'),
      managementAccountId: required(organization.MasterAccountId, 'DescribeOrganization', 'MasterAccountId'),
    };
  }

  async accountsPage(next: string | null): Promise<OrganizationPage<ListedAccount>> {
    const response = await this.#count('ListAccounts', () =>
      this.#client.send(new ListAccountsCommand({ MaxResults: MAX_RESULTS, NextToken: next ?? undefined })),
    );
    return {
      items: required(response.Accounts, 'ListAccounts', 'Accounts').map(({ Id, Name, State, Status }) => ({
        accountId: required(Id, 'ListAccounts', 'Id'),
        name: Name ?? null,
        // AWS announced the removal of Status for 9 September 2026. Some partitions may not have State yet.
        state: State ?? Status ?? 'UNKNOWN',
      })),
      next: response.NextToken ?? null,
    };
  }

  async rootsPage(next: string | null): Promise<OrganizationPage<ListedRoot>> {
    const response = await this.#count('ListRoots', () =>
      this.#client.send(new ListRootsCommand({ MaxResults: MAX_RESULTS, NextToken: next ?? undefined })),
    );
    return {
      items: required(response.Roots, 'ListRoots', 'Roots').map(({ Id, Name, PolicyTypes }) => ({
        id: required(Id, 'ListRoots', 'Id'),
        name: Name ?? 'Root',
        // PENDING_ENABLE and PENDING_DISABLE also count as enabled: AWS does not document when these states end.
        enabled: policyKinds.filter((kind) => (PolicyTypes ?? []).some(({ Type }) => Type === policyTypes[kind])),
      })),
      next: response.NextToken ?? null,
    };
  }

  async unitsPage(parentId: string, next: string | null): Promise<OrganizationPage<ListedUnit>> {
    const operation = 'ListOrganizationalUnitsForParent';
    const response = await this.#count(operation, () =>
      this.#client.send(
        new ListOrganizationalUnitsForParentCommand({
          ParentId: parentId,
          MaxResults: MAX_RESULTS,
          NextToken: next ?? undefined,
        }),
      ),
    );
    return {
      items: required(response.OrganizationalUnits, operation, 'OrganizationalUnits').map(({ Id, Name }) => ({
        id: required(Id, operation, 'Id'),
        name: required(Name, operation, 'Name'),
      })),
      next: response.NextToken ?? null,
    };
  }

  async childAccountsPage(parentId: string, next: string | null): Promise<OrganizationPage<string>> {
    const response = await this.#count('ListChildren', () =>
      this.#client.send(
        new ListChildrenCommand({
          ParentId: parentId,
          ChildType: 'ACCOUNT',
          MaxResults: MAX_RESULTS,
          NextToken: next ?? undefined,
        }),
      ),
    );
    return {
      items: required(response.Children, 'ListChildren', 'Children').map(({ Id }) =>
        required(Id, 'ListChildren', 'Id'),
      ),
      next: response.NextToken ?? null,
    };
  }

  async policiesPage(kind: ControlPolicyKind, next: string | null): Promise<OrganizationPage<ListedPolicy>> {
    const response = await this.#count('ListPolicies', () =>
      this.#client.send(
        new ListPoliciesCommand({ Filter: policyTypes[kind], MaxResults: MAX_RESULTS, NextToken: next ?? undefined }),
      ),
    );
    return {
      items: required(response.Policies, 'ListPolicies', 'Policies').map(({ Id, Name, AwsManaged }) => ({
        id: required(Id, 'ListPolicies', 'Id'),
        name: required(Name, 'ListPolicies', 'Name'),
        isAwsManaged: AwsManaged === true,
      })),
      next: response.NextToken ?? null,
    };
  }

  async policyDocument(policyId: string): Promise<string> {
    const response = await this.#count('DescribePolicy', () =>
      this.#client.send(new DescribePolicyCommand({ PolicyId: policyId })),
    );
    return required(response.Policy?.Content, 'DescribePolicy', 'Content');
  }

  async targetsPage(policyId: string, next: string | null): Promise<OrganizationPage<string>> {
    const response = await this.#count('ListTargetsForPolicy', () =>
      this.#client.send(
        new ListTargetsForPolicyCommand({
          PolicyId: policyId,
          MaxResults: MAX_RESULTS,
          NextToken: next ?? undefined,
        }),
      ),
    );
    return {
      items: required(response.Targets, 'ListTargetsForPolicy', 'Targets').map(({ TargetId }) =>
        required(TargetId, 'ListTargetsForPolicy', 'TargetId'),
      ),
      next: response.NextToken ?? null,
    };
  }

  #count<T>(operation: string, send: () => Promise<T>): Promise<T> {
    return countedCall({ ledger: this.#ledger, clock: this.#clock }, `organizations:${operation}`, send);
  }
}
