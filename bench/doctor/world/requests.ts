import type { Request, Role, World } from './world.ts';

const iam = (operation: string, parameters: Request['parameters'] = null): Request => ({
  service: 'iam',
  operation,
  parameters,
});

export const getRole = (roleName: string): Request => iam('GetRole', { roleName });
export const listRoles = (marker?: string): Request =>
  iam('ListRoles', { maxItems: 100, ...(marker === undefined ? {} : { marker }) });
export const listUsers: Request = iam('ListUsers', { maxItems: 100 });
export const accountSummary: Request = iam('GetAccountSummary');
export const callerIdentity: Request = { service: 'sts', operation: 'GetCallerIdentity', parameters: null };

/** The reads of one role that inventories, scanners and Terraform make. */
export const readsOfRole = (roleName: string): Request[] => [
  getRole(roleName),
  iam('ListRolePolicies', { roleName }),
  iam('ListAttachedRolePolicies', { roleName }),
];

/** A read of IAM with parameters of its own, one of some hundred. */
export function anyRead(world: World): Request {
  const requests = readsOfRole(`service-role-${Math.floor(400 * world.random())}`);
  return requests[Math.floor(requests.length * world.random())] ?? callerIdentity;
}

export const write = (operation: string, parameters: Request['parameters']): Request => iam(operation, parameters);

export interface SessionRequest {
  readonly role: Pick<Role, 'roleArn'>;
  readonly sessionName: string;
  readonly durationSeconds?: number;
  readonly policy?: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  readonly externalId?: string;
}

export const assumeRole = ({ role, sessionName, ...limits }: SessionRequest): Request => ({
  service: 'sts',
  operation: 'AssumeRole',
  parameters: { roleArn: role.roleArn, roleSessionName: sessionName, ...limits },
});

export const assumeRoleWithWebIdentity = (role: Role, sessionName: string): Request => ({
  service: 'sts',
  operation: 'AssumeRoleWithWebIdentity',
  parameters: { roleArn: role.roleArn, roleSessionName: sessionName, durationSeconds: 3_600 },
});

export const getSessionToken = (durationSeconds: number): Request => ({
  service: 'sts',
  operation: 'GetSessionToken',
  parameters: { durationSeconds },
});
