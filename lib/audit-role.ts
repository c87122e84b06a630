import { Stack } from 'aws-cdk-lib';
import { Role, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { HandlerName } from '../core/contract/environment.ts';
import type { Settings } from './settings.ts';

export interface AuditRoleProps {
  readonly settings: Settings;
  readonly name: HandlerName | 'workflow' | 'schedule';
  readonly assumedBy: IPrincipal;
}

/**
 * A role of the stack: at the path that member accounts trust, named after `roleNamePrefix` where that is set. Role
 * names are unique in an account, whatever Region and path: the stack's name and its Region are part of them.
 */
export function auditRole(scope: Construct, id: string, { settings, name, assumedBy }: AuditRoleProps): Role {
  const { rolePath, roleNamePrefix, stackName } = settings;
  const region = Stack.of(scope).region;
  return new Role(scope, id, {
    path: rolePath,
    assumedBy,
    description: `iam-audit: ${name}`,
    ...(roleNamePrefix === undefined ? {} : { roleName: `${roleNamePrefix}${stackName}-${name}-${region}` }),
  });
}
