import {
  AWSOrganizationsNotInUseException,
  DescribeOrganizationCommand,
  ListAWSServiceAccessForOrganizationCommand,
  ListDelegatedAdministratorsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import type { OrganizationPage } from '../core/ports/organization-reader.ts';
import type { OrganizationSetupReader } from '../core/ports/organization-setup-reader.ts';
import { requestHandlerOf, USER_AGENT } from './client-options.ts';
import { required } from './required.ts';
import { toAwsFault } from './sdk-fault.ts';

/** Reads how the organization is set up, with the caller's own credentials. */
export class SdkOrganizationSetupReader implements OrganizationSetupReader {
  readonly #client: OrganizationsClient;

  constructor(options: { readonly credentials: AwsCredentialIdentityProvider; readonly region: string }) {
    this.#client = new OrganizationsClient({
      ...options,
      customUserAgent: USER_AGENT,
      requestHandler: requestHandlerOf({}),
    });
  }

  async organization(): ReturnType<OrganizationSetupReader['organization']> {
    const response = await this.#client.send(new DescribeOrganizationCommand({})).catch((error: unknown) => {
      // Not a failure: the account is not in an organization.
      if (error instanceof AWSOrganizationsNotInUseException) return null;
      throw toAwsFault(error);
    });
    if (response === null) return null;
    const organization = required(response.Organization, 'DescribeOrganization', 'Organization');
    return {
      organizationId: required(organization.Id, 'DescribeOrganization', 'Id'),
      managementAccountId: required(organization.MasterAccountId, 'DescribeOrganization', 'MasterAccountId'),
      allFeatures: required(organization.FeatureSet, 'DescribeOrganization', 'FeatureSet') === 'ALL',
    };
  }

  async trustedServicesPage(next: string | null): Promise<OrganizationPage<string>> {
    const operation = 'ListAWSServiceAccessForOrganization';
    const response = await this.#client
      .send(new ListAWSServiceAccessForOrganizationCommand({ NextToken: next ?? undefined }))
      .catch((error: unknown) => {
        throw toAwsFault(error);
      });
    const enabled = required(response.EnabledServicePrincipals, operation, 'EnabledServicePrincipals');
    return {
      items: enabled.map(({ ServicePrincipal }) => required(ServicePrincipal, operation, 'ServicePrincipal')),
      next: response.NextToken ?? null,
    };
  }

  async administratorsPage(servicePrincipal: string, next: string | null): Promise<OrganizationPage<string>> {
    const operation = 'ListDelegatedAdministrators';
    const response = await this.#client
      .send(
        new ListDelegatedAdministratorsCommand({ ServicePrincipal: servicePrincipal, NextToken: next ?? undefined }),
      )
      .catch((error: unknown) => {
        throw toAwsFault(error);
      });
    return {
      items: required(response.DelegatedAdministrators, operation, 'DelegatedAdministrators').map(({ Id }) =>
        required(Id, operation, 'Id'),
      ),
      next: response.NextToken ?? null,
    };
  }
}
