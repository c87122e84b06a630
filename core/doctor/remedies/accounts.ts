import type { Remedy } from '../../contract/doctor/diagnosis.ts';

const TEXT =
  'Move workloads of this account into separate accounts: each account has its own limits of IAM and STS. Start with the callers named here. Service control policies (SCPs) of the organization set the maximum permissions in these accounts, so teams can manage IAM in their own accounts. An SCP grants no permissions and does not apply to the management account.';

/** In any partition. */
const CENTRAL_ROLES = 'arn:*:iam::*:role/central/*';

const scp = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'KeepInOrganization',
      Effect: 'Deny',
      Action: 'organizations:LeaveOrganization',
      Resource: '*',
    },
    {
      Sid: 'ProtectCentralRoles',
      Effect: 'Deny',
      Action: [
        'iam:Attach*',
        'iam:Create*',
        'iam:Delete*',
        'iam:Detach*',
        'iam:Put*',
        'iam:Tag*',
        'iam:Untag*',
        'iam:Update*',
      ],
      Resource: CENTRAL_ROLES,
      Condition: { ArnNotLike: { 'aws:PrincipalArn': CENTRAL_ROLES } },
    },
  ],
};

/** The remedy for one account that makes most of the organization's calls. */
export const accounts = (): Remedy => ({
  text: TEXT,
  examples: [
    { for: 'Service control policy (boundary.json)', code: JSON.stringify(scp, null, 2) },
    {
      for: 'AWS CLI in the management account',
      code: `aws organizations create-account --account-name my-workload --email my-workload@example.com
aws organizations create-policy --type SERVICE_CONTROL_POLICY --name boundary \\
  --description "Maximum permissions of workload accounts" --content file://boundary.json
aws organizations attach-policy --policy-id POLICY_ID --target-id ACCOUNT_OR_OU_ID`,
    },
  ],
});
