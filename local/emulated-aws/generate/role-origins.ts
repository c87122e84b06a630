import type { PolicyDocument } from '../account.ts';
import { ORGANIZATION_ID } from '../organization.ts';

/** Trust policy of a generated role, with path and name if an AWS service created the role. */
export interface RoleOrigin {
  readonly trustPolicy: PolicyDocument;
  readonly path?: string;
  readonly name?: (kind: string) => string;
}

type Principal = '*' | Readonly<Record<string, string | readonly string[]>>;
type Condition = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const trust = (Principal: Principal, Condition?: Condition, Action = 'sts:AssumeRole'): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action, ...(Condition === undefined ? {} : { Condition }) }],
});

const VENDOR = '999988887777';
const GITHUB = 'token.actions.githubusercontent.com';
const EKS = 'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E';
const BY_OIDC = 'sts:AssumeRoleWithWebIdentity';
const BY_SAML = 'sts:AssumeRoleWithSAML';

const lambda: RoleOrigin = { trustPolicy: trust({ Service: 'lambda.amazonaws.com' }) };

/**
 * The origin of the `n`th role. Of every 40 roles, about half belong to Lambda functions, and the others have one of
 * each further kind of trust policy. It uses no random numbers, so that a seed keeps its principals.
 */
export function roleOrigin(n: number, accountId: string): RoleOrigin {
  const root = (account: string): string => `arn:aws:iam::${account}:root`;
  const oidc = (url: string): string => `arn:aws:iam::${accountId}:oidc-provider/${url}`;
  const saml = `arn:aws:iam::${accountId}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`;
  const origins: readonly RoleOrigin[] = [
    { trustPolicy: trust({ AWS: root(accountId) }, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }) },
    { trustPolicy: trust({ AWS: root(VENDOR) }, { StringEquals: { 'sts:ExternalId': 'customer-4711' } }) },
    { trustPolicy: trust({ AWS: `arn:aws:iam::${VENDOR}:role/collector` }) },
    {
      trustPolicy: trust(
        { Federated: oidc(GITHUB) },
        {
          StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' },
          StringLike: { [`${GITHUB}:sub`]: 'repo:acme/app:*' },
        },
        BY_OIDC,
      ),
    },
    {
      trustPolicy: trust(
        { Federated: oidc(GITHUB) },
        { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } },
        BY_OIDC,
      ),
    },
    {
      trustPolicy: trust(
        { Federated: oidc(EKS) },
        { StringEquals: { [`${EKS}:sub`]: 'system:serviceaccount:shop:cart', [`${EKS}:aud`]: 'sts.amazonaws.com' } },
        BY_OIDC,
      ),
    },
    {
      trustPolicy: trust(
        { Federated: 'cognito-identity.amazonaws.com' },
        { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:11111111-2222-3333-4444-555555555555' } },
        BY_OIDC,
      ),
    },
    {
      trustPolicy: trust(
        { Federated: `arn:aws:iam::${accountId}:saml-provider/corporate` },
        { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
        BY_SAML,
      ),
    },
    { trustPolicy: trust({ AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION_ID } }) },
    { trustPolicy: trust('*') },
    { trustPolicy: trust({ AWS: 'AROAEXAMPLEOFAROLEGONE' }) },
    { trustPolicy: trust({ Service: 'events.amazonaws.com' }, { StringEquals: { 'aws:SourceAccount': accountId } }) },
    {
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: [root(accountId), root(VENDOR)] },
            Action: ['sts:AssumeRole', 'sts:TagSession'],
          },
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 'sts:*',
            Condition: { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': ORGANIZATION_ID } },
          },
        ],
      },
    },
    {
      trustPolicy: trust({ Service: 'autoscaling.amazonaws.com' }),
      path: '/aws-service-role/autoscaling.amazonaws.com/',
      name: (kind) => `AWSServiceRoleForAutoScaling_${kind}-${n}`,
    },
    {
      trustPolicy: trust(
        { Federated: saml },
        { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
        BY_SAML,
      ),
      path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
      name: (kind) => `AWSReservedSSO_${kind}_${n.toString(16).padStart(16, '0')}`,
    },
    { trustPolicy: trust({ Service: ['ec2.amazonaws.com', 'ssm.amazonaws.com'] }) },
  ];
  // Roles of functions come first, so that a small account has no unusual trust policies.
  return n % 40 < 20 ? lambda : (origins[(n % 40) - 20] ?? lambda);
}
