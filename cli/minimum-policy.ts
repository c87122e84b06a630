import { minimumPolicy } from '../core/contract/permissions.ts';
import type { RunOptions } from './real-run.ts';

type PolicyOptions = Pick<RunOptions, 'roleName' | 'accountId' | 'sourceIdentity' | 'sessionTag'>;

/** The minimum policy of the caller of `run`. With a member role, it may also assume this role in the audited accounts. */
export function callersPolicy({ roleName, accountId, sourceIdentity, sessionTag }: PolicyOptions) {
  if (roleName === undefined) return minimumPolicy;
  const accounts = accountId.length === 0 ? ['*'] : [...new Set(accountId)];
  const assumesMemberRole = {
    Sid: 'IamAuditAssumesMemberRole',
    Effect: 'Allow',
    Action: [
      'sts:AssumeRole',
      ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
      ...(Object.keys(sessionTag).length === 0 ? [] : ['sts:TagSession']),
    ],
    Resource: accounts.map((account) => `arn:*:iam::${account}:role/${roleName}`),
  };
  return { ...minimumPolicy, Statement: [...minimumPolicy.Statement, assumesMemberRole] };
}
