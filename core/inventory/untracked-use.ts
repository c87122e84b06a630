import type { PrincipalIdentity } from '../contract/evidence.ts';
import { managedBy } from './managed-by.ts';

/**
 * Actions that a user can call with credentials that the credential report does not list: SSH keys and Git credentials
 * (CodeCommit), passwords for Amazon Keyspaces, and API keys. (IAM User Guide, "Service-specific credentials for IAM
 * users" and "API keys for AWS services".) An API key can be used only with the permission CallWithBearerToken.
 */
export const actionsOfUnlistedCredentials: readonly string[] = [
  'aws-external-anthropic:CallWithBearerToken',
  'bedrock:CallWithBearerToken',
  'bedrock-mantle:CallWithBearerToken',
  'cassandra:Alter',
  'cassandra:AlterMultiRegionResource',
  'cassandra:Create',
  'cassandra:CreateMultiRegionResource',
  'cassandra:Drop',
  'cassandra:DropMultiRegionResource',
  'cassandra:GetRecords',
  'cassandra:GetShardIterator',
  'cassandra:GetStream',
  'cassandra:ListStreams',
  'cassandra:Modify',
  'cassandra:ModifyMultiRegionResource',
  'cassandra:Restore',
  'cassandra:RestoreMultiRegionTable',
  'cassandra:Select',
  'cassandra:SelectMultiRegionResource',
  'cassandra:TagMultiRegionResource',
  'cassandra:TagResource',
  'cassandra:UnTagMultiRegionResource',
  'cassandra:UntagResource',
  'cassandra:UpdatePartitioner',
  'cloudwatch:CallWithBearerToken',
  'codecommit:GitPull',
  'codecommit:GitPush',
  'logs:CallWithBearerToken',
  'sagemaker:CallWithBearerToken',
];

interface UserCredentials {
  /** Whether a policy may allow one of `actionsOfUnlistedCredentials`. */
  readonly mayUseUnlistedCredentials: boolean;
  /** Whether the credential report shows that the user has no active certificate and no credential beyond its columns. */
  readonly onlyReportedCredentials: boolean;
}

/**
 * Whether the inventory may miss uses of the principal. RoleLastUsed is not documented to include what a service does
 * with its service-linked role. The credential report gives no last use of certificates, and does not list SSH keys and
 * service-specific credentials.
 */
export const mayBeUsedUntracked = (
  identity: Pick<PrincipalIdentity, 'type' | 'path'>,
  { mayUseUnlistedCredentials, onlyReportedCredentials }: UserCredentials,
): boolean =>
  identity.type === 'role' ? managedBy(identity) === 'service' : mayUseUnlistedCredentials || !onlyReportedCredentials;
