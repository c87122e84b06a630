import type { EmulatedCall } from '../protocol.ts';
import { cloudTrailOperations } from './cloudtrail.ts';
import { generateCredentialReport, getCredentialReport } from './credential-report.ts';
import { getAccountAuthorizationDetails } from './inventory.ts';
import { generateServiceLastAccessedDetails, getServiceLastAccessedDetails } from './last-accessed.ts';
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
