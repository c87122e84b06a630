import type { EmulatedCall } from '../protocol.ts';
import { cloudTrailOperations } from './cloudtrail.ts';
import { generateCredentialReport, getCredentialReport } from './credential-report.ts';
import { getAccountAuthorizationDetails } from './inventory.ts';
import { generateServiceLastAccessedDetails, getServiceLastAccessedDetails } from './last-accessed.ts';
import { ServiceError } from '../service-error.ts';
import type { Operation } from './operation.ts';
import { generateOrganizationsAccessReport, getOrganizationsAccessReport } from './organization-access.ts';
import { organizationsOperations } from './organizations.ts';
import { getAccountPasswordPolicy } from './password-policy.ts';
import { simulatePrincipalPolicy } from './simulation.ts';
import { stsOperations } from './sts.ts';

const iamOperations: Readonly<Record<string, Operation>> = {
  GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
  GetAccountPasswordPolicy: getAccountPasswordPolicy,
  GenerateServiceLastAccessedDetails: generateServiceLastAccessedDetails,
  GetServiceLastAccessedDetails: getServiceLastAccessedDetails,
  SimulatePrincipalPolicy: simulatePrincipalPolicy,
  GenerateCredentialReport: generateCredentialReport,
  GetCredentialReport: getCredentialReport,
  GenerateOrganizationsAccessReport: generateOrganizationsAccessReport,
  GetOrganizationsAccessReport: getOrganizationsAccessReport,
};

/** The emulated operations, by service and name. */
export const allOperations: Readonly<Record<EmulatedCall['service'], Readonly<Record<string, Operation>>>> = {
  iam: iamOperations,
  sts: stsOperations,
  organizations: organizationsOperations,
  cloudtrail: cloudTrailOperations,
};

const pages = ['MaxItems', 'Marker'];
const tokenPages = ['MaxResults', 'NextToken'];

/** The parameters that each operation evaluates. AWS has more of them. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  GetAccountAuthorizationDetails: ['Filter', ...pages],
  GetAccountPasswordPolicy: [],
  GenerateServiceLastAccessedDetails: ['Arn', 'Granularity'],
  GetServiceLastAccessedDetails: ['JobId', ...pages],
  SimulatePrincipalPolicy: ['PolicySourceArn', 'ActionNames', 'ResourceArns', 'ContextEntries', ...pages],
  GenerateCredentialReport: [],
  GetCredentialReport: [],
  GenerateOrganizationsAccessReport: ['EntityPath'],
  GetOrganizationsAccessReport: ['JobId', ...pages],
  GetCallerIdentity: [],
  AssumeRole: [
    ...['RoleArn', 'RoleSessionName', 'DurationSeconds', 'ExternalId', 'Policy', 'PolicyArns', 'SourceIdentity'],
    ...['Tags', 'TransitiveTagKeys'],
  ],
  DescribeOrganization: [],
  ListAccounts: tokenPages,
  ListRoots: tokenPages,
  ListChildren: ['ParentId', 'ChildType', ...tokenPages],
  ListOrganizationalUnitsForParent: ['ParentId', ...tokenPages],
  ListPolicies: ['Filter', ...tokenPages],
  DescribePolicy: ['PolicyId'],
  ListTargetsForPolicy: ['PolicyId', ...tokenPages],
  ListAWSServiceAccessForOrganization: tokenPages,
  ListDelegatedAdministrators: ['ServicePrincipal', ...tokenPages],
  LookupEvents: ['LookupAttributes', 'StartTime', 'EndTime', ...tokenPages],
};

/**
 * A parameter that is not evaluated is an error, because an answer that ignores it would look like AWS's.
 * @throws ServiceError NotEmulated
 */
export function checkParameters({ action, parameters: given }: EmulatedCall): void {
  const known = parameters[action] ?? [];
  for (const name of given.keys()) {
    const [parameter = ''] = name.split('.');
    if (parameter === 'Action' || parameter === 'Version' || known.includes(parameter)) continue;
    throw new ServiceError(400, 'NotEmulated', `The parameter ${parameter} of ${action} is not emulated.`);
  }
}
