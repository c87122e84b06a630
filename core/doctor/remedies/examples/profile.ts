import type { CallerKind } from '../../../contract/doctor/diagnosis.ts';
import type { Client } from './select-examples.ts';

/** The credentials with which a client assumes a role: an access key of a user, or the session of the client's place. */
export type Base = 'user' | 'lambda' | 'container' | 'ec2' | 'web-identity' | 'unknown';

/** Where the client runs counts more than the caller: on AWS, the place's own role replaces a user's access key. */
export function baseOf(kind: CallerKind | undefined, { runtime }: Client): Base {
  switch (runtime) {
    case 'lambda':
    case 'ec2':
    case 'web-identity':
      return runtime;
    case 'ecs':
    case 'codebuild':
      return 'container';
    case null:
      return kind === 'user' ? 'user' : 'unknown';
  }
}

/** Where EKS puts the token of a service account with a role. */
export const EKS_TOKEN_FILE = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token';

/** The line of a profile that names the source of its credentials. */
const sources: Readonly<Record<Base, readonly string[]>> = {
  user: ["# In ~/.aws/credentials, the user's access key is under [my-user].", 'source_profile = my-user'],
  lambda: ['credential_source = Environment'],
  container: ['credential_source = EcsContainer'],
  ec2: ['credential_source = Ec2InstanceMetadata'],
  'web-identity': ['source_profile = service-account'],
  unknown: [
    '# On EC2. In ECS, in CodeBuild and with EKS Pod Identity: EcsContainer. With a profile of yours, such as one for',
    '# IAM Identity Center, write source_profile = PROFILE instead.',
    'credential_source = Ec2InstanceMetadata',
  ],
};

const serviceAccount = (partition: string): string[] => [
  '',
  '[profile service-account]',
  `role_arn = arn:${partition}:iam::111122223333:role/SERVICE_ACCOUNT_ROLE`,
  `web_identity_token_file = ${EKS_TOKEN_FILE}`,
];

/** A profile of the shared configuration file that assumes a role. @param partition such as `aws-cn` */
export const profile = (role: string, seconds: number, base: Base, partition: string): string =>
  [
    '[profile my-role]',
    `role_arn = ${role}`,
    ...sources[base],
    'role_session_name = my-service',
    `duration_seconds = ${seconds}`,
    ...(base === 'web-identity' ? serviceAccount(partition) : []),
  ].join('\n');

/**
 * Whether a program uses the profile that AWS_PROFILE names. Lambda always sets AWS_ACCESS_KEY_ID, which comes before the
 * profile in most SDKs. With web identity, some SDKs use the token in the environment before the profile.
 */
export function profileWorks({ language, tool, version, retryMode }: Client, base: Base): boolean {
  if (base === 'lambda') return false;
  if (base !== 'web-identity' || tool === 'aws-cli' || language === 'python') return true;
  if (language === 'javascript') return version?.startsWith('2.') !== true;
  // Version 1, as in `select-examples.ts`.
  return language === 'go' && retryMode !== 'legacy';
}

/** Each line as a comment. */
export const commented = (text: string): string => text.replace(/^(?=.)/gm, '# ').replace(/^$/gm, '#');
