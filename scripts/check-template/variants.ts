import type { MemberRoleOptions } from '../../core/member-role/member-role.ts';

/** Options of `member-template`. Its templates for CloudFormation and Terraform are checked. */
export const memberRoles: Readonly<Record<string, MemberRoleOptions>> = {
  'member-template': { hubAccountId: '111122223333', hubRolePath: '/iam-audit/', roleName: 'iam-audit-member' },
  'member-template-everything': {
    hubAccountId: '111122223333',
    hubRolePath: '/security/',
    hubRoleNamePrefix: 'corp-',
    organizationId: 'o-exampleorg',
    externalId: 'iam-audit',
    allowsSourceIdentity: true,
    allowsSessionTags: true,
    roleName: 'audit/member',
    trustedPrincipals: ['role/Auditor', 'user/alice'],
    boundaryName: 'boundary',
    tags: { CostCenter: '1234' },
  },
};

/** Settings that change the resources of the template. The template of each variant is checked. */
export const variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  defaults: {},
  'member-role-and-key': {
    accountIds: ['111122223333', '111122223334'],
    memberRoleName: 'iam-audit-member',
    externalId: 'iam-audit',
    sourceIdentity: 'iam-audit',
    sessionTags: { team: 'security' },
    memberRole: {
      deploy: true,
      organizationId: 'o-exampleorg',
      targets: ['r-exam'],
      callAs: 'DELEGATED_ADMIN',
      excludedAccounts: ['111122223335'],
      permissionsBoundaryName: 'boundary',
      trustedPrincipals: ['role/Auditor'],
    },
    kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012',
    subscribers: ['security@example.com', 'https://example.com/alarms'],
    doctor: {
      trailBucket: 'trail-of-the-organization',
      trailPrefix: 'logs',
      organizationId: 'o-exampleorg',
      trailKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789013',
    },
  },
  'vpc-roles-and-bucket': {
    resultsBucketName: 'results-of-the-audit',
    permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
    roleNamePrefix: 'audit-',
    tags: { team: 'security' },
    doctor: { trailBucket: 'trail-of-the-account', regions: ['us-east-1', 'eu-west-1'] },
    architecture: 'x86_64',
    securityHub: true,
    vpc: {
      vpcId: 'vpc-0123456789abcdef0',
      subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      securityGroupIds: ['sg-0123456789abcdef0'],
      routeTableIds: ['rtb-0123456789abcdef0'],
      endpoints: true,
    },
  },
};
