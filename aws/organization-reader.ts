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
import { countedCall, repeatedOnce } from './counted-call.ts';
import { optionalFlag, optionalList, optionalText, required, requiredList, requiredText } from './required.ts';

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

  describe(): Promise<{ organizationId: string; managementAccountId: string } | null> {
    const operation = 'DescribeOrganization';
    return this.#count(
      operation,
      () =>
        this.#client.send(new DescribeOrganizationCommand({})).catch((error: unknown) => {
          // Not a failure: the account is not in an organization.
          if (error instanceof AWSOrganizationsNotInUseException) return error;
          throw error;
        }),
      (response) => {
        if (response instanceof AWSOrganizationsNotInUseException) return null;
        const organization = required(response.Organization, operation, 'Organization');
        return {
          organizationId: requiredText(organization.Id, operation, 'Id'),
          managementAccountId: requiredText(organization.MasterAccountId, operation, 'MasterAccountId'),
        };
      },
    );
  }

  accountsPage(next: string | null): Promise<OrganizationPage<ListedAccount>> {
    return this.#count(
      'ListAccounts',
      () => this.#client.send(new ListAccountsCommand({ MaxResults: MAX_RESULTS, NextToken: next ?? undefined })),
      (response) => ({
        items: requiredList(response.Accounts, 'ListAccounts', 'Accounts').map(({ Id, Name, State, Status }) => ({
          accountId: requiredText(Id, 'ListAccounts', 'Id'),
          name: optionalText(Name, 'ListAccounts', 'Name'),
          // AWS announced the removal of Status for 9 September 2026. Some partitions may not have State yet.
          state: optionalText(State ?? Status, 'ListAccounts', 'State') ?? 'UNKNOWN',
        })),
        next: nextToken(response),
      }),
    );
  }

  rootsPage(next: string | null): Promise<OrganizationPage<ListedRoot>> {
    return this.#count(
      'ListRoots',
      () => this.#client.send(new ListRootsCommand({ MaxResults: MAX_RESULTS, NextToken: next ?? undefined })),
      (response) => ({
        items: requiredList(response.Roots, 'ListRoots', 'Roots').map(({ Id, Name, PolicyTypes }) => ({
          id: requiredText(Id, 'ListRoots', 'Id'),
          name: optionalText(Name, 'ListRoots', 'Name') ?? 'Root',
          // PENDING_ENABLE and PENDING_DISABLE also count as enabled: AWS does not document when these states end.
          enabled: policyKinds.filter((kind) =>
            optionalList(PolicyTypes, 'ListRoots', 'PolicyTypes').some(({ Type }) => Type === policyTypes[kind]),
          ),
        })),
        next: nextToken(response),
      }),
    );
  }

  unitsPage(parentId: string, next: string | null): Promise<OrganizationPage<ListedUnit>> {
    const operation = 'ListOrganizationalUnitsForParent';
    return this.#count(
      operation,
      () =>
        this.#client.send(
          new ListOrganizationalUnitsForParentCommand({
            ParentId: parentId,
            MaxResults: MAX_RESULTS,
            NextToken: next ?? undefined,
          }),
        ),
      (response) => ({
        items: requiredList(response.OrganizationalUnits, operation, 'OrganizationalUnits').map(({ Id, Name }) => ({
          id: requiredText(Id, operation, 'Id'),
          name: requiredText(Name, operation, 'Name'),
        })),
        next: nextToken(response),
      }),
    );
  }

  childAccountsPage(parentId: string, next: string | null): Promise<OrganizationPage<string>> {
    return this.#count(
      'ListChildren',
      () =>
        this.#client.send(
          new ListChildrenCommand({
            ParentId: parentId,
            ChildType: 'ACCOUNT',
            MaxResults: MAX_RESULTS,
            NextToken: next ?? undefined,
          }),
        ),
      (response) => ({
        items: requiredList(response.Children, 'ListChildren', 'Children').map(({ Id }) =>
          requiredText(Id, 'ListChildren', 'Id'),
        ),
        next: nextToken(response),
      }),
    );
  }

  policiesPage(kind: ControlPolicyKind, next: string | null): Promise<OrganizationPage<ListedPolicy>> {
    return this.#count(
      'ListPolicies',
      () =>
        this.#client.send(
          new ListPoliciesCommand({ Filter: policyTypes[kind], MaxResults: MAX_RESULTS, NextToken: next ?? undefined }),
        ),
      (response) => ({
        items: requiredList(response.Policies, 'ListPolicies', 'Policies').map(({ Id, Name, AwsManaged }) => ({
          id: requiredText(Id, 'ListPolicies', 'Id'),
          name: requiredText(Name, 'ListPolicies', 'Name'),
          isAwsManaged: optionalFlag(AwsManaged, 'ListPolicies', 'AwsManaged') === true,
        })),
        next: nextToken(response),
      }),
    );
  }

  policyDocument(policyId: string): Promise<string> {
    return this.#count(
      'DescribePolicy',
      () => this.#client.send(new DescribePolicyCommand({ PolicyId: policyId })),
      (response) => requiredText(response.Policy?.Content, 'DescribePolicy', 'Content'),
    );
  }

  targetsPage(policyId: string, next: string | null): Promise<OrganizationPage<string>> {
    return this.#count(
      'ListTargetsForPolicy',
      () =>
        this.#client.send(
          new ListTargetsForPolicyCommand({
            PolicyId: policyId,
            MaxResults: MAX_RESULTS,
            NextToken: next ?? undefined,
          }),
        ),
      (response) => ({
        items: requiredList(response.Targets, 'ListTargetsForPolicy', 'Targets').map(({ TargetId }) =>
          requiredText(TargetId, 'ListTargetsForPolicy', 'TargetId'),
        ),
        next: nextToken(response),
      }),
    );
  }

  #count<Response, Read>(
    operation: string,
    send: () => Promise<Response>,
    read: (response: Response) => Read,
  ): Promise<Read> {
    const dependencies = { ledger: this.#ledger, clock: this.#clock };
    return repeatedOnce(() => countedCall(dependencies, `organizations:${operation}`, send, read));
  }
}

const nextToken = ({ NextToken }: { readonly NextToken?: string | undefined }): string | null =>
  optionalText(NextToken, 'a page of AWS Organizations', 'NextToken');
