import { Stack } from 'aws-cdk-lib/core';
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
 * A role of the stack, with the path that member accounts trust. If `roleNamePrefix` is set, the role's name contains the
 * stack's name and Region, because role names must be unique in an account across all Regions and paths.
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
