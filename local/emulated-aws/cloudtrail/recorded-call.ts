/** Who signed a call, as CloudTrail's `userIdentity` shows it. Times are milliseconds since the epoch. */
export type CallerIdentity =
  | {
      readonly kind: 'user';
      readonly accountId: string;
      /** With its path, such as `arn:aws:iam::111122223333:user/ci/deployer`. */
      readonly arn: string;
      readonly principalId: string;
      readonly accessKeyId: string;
    }
  | {
      readonly kind: 'session';
      /** The role's account. */
      readonly accountId: string;
      /** With its path. */
      readonly roleArn: string;
      /** AROA…. */
      readonly roleId: string;
      readonly sessionName: string;
      readonly accessKeyId: string;
      readonly issuedAtMs: number;
      /** Missing: the session has none. */
      readonly sourceIdentity?: string;
    }
  /** A token of an OIDC provider. It has no access key and no account. */
  | { readonly kind: 'webIdentity'; readonly providerArn: string; readonly audience: string; readonly subject: string }
  | { readonly kind: 'root'; readonly accountId: string; readonly accessKeyId: string }
  /** An AWS service, such as `ec2.amazonaws.com`. */
  | { readonly kind: 'service'; readonly service: string };

/** A call to IAM or STS that CloudTrail records. */
export interface RecordedCall {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly service: 'iam' | 'sts';
  readonly operation: string;
  /** In CloudTrail's spelling (`roleArn`). Null: the operation has none. */
  readonly parameters: Readonly<Record<string, unknown>> | null;
  readonly caller: CallerIdentity;
  /** The service that calls on behalf of the caller, such as `cloudformation.amazonaws.com`. */
  readonly invokedBy?: string;
  /** Null: the call was served. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Region that serves the call. IAM's calls are always recorded in us-east-1. */
  readonly region: string;
  /** The endpoint of STS that the caller uses. */
  readonly endpoint: 'regional' | 'global';
  readonly userAgent: string;
  readonly ip: string;
  readonly hostHeader: string;
}

export const THROTTLED = { code: 'Throttling', message: 'Rate exceeded' };

/** The host name of IAM, or of the endpoint of STS. */
export const hostOf = ({ service, endpoint, region }: Pick<RecordedCall, 'service' | 'endpoint' | 'region'>): string =>
  service === 'iam' ? 'iam.amazonaws.com' : endpoint === 'global' ? 'sts.amazonaws.com' : `sts.${region}.amazonaws.com`;

/** The account in an ARN, or empty text. */
export const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/** The last part of an ARN's path: the name of the role or user. */
export const nameOf = (arn: string): string => arn.split('/').at(-1) ?? '';
