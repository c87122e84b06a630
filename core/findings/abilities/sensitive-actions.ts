import type { PrincipalRecord } from '../../contract/evidence.ts';
import { catalogue } from '../../catalogue/catalogue.ts';
import { abilityOf } from './abilities.ts';

/** Whether an action is sensitive by itself, and not only as a step of a path. */
export type SensitiveCategory = 'privilegeEscalation' | 'credentialExposure';

export interface SensitivePermission {
  readonly action: string;
  /** The worse of the two. */
  readonly category: SensitiveCategory;
  readonly isConditional: boolean;
  /** On every resource, not on some only. */
  readonly isEverywhere: boolean;
}

const sensitiveActions = catalogue.flatMap(({ action, categories }): [string, SensitiveCategory][] => {
  if (categories.includes('privilegeEscalation')) return [[action, 'privilegeEscalation']];
  return categories.includes('credentialExposure') ? [[action, 'credentialExposure']] : [];
});

/** Credentials and MFA devices: what a user may do to itself without coming to more than it has. AWS's guides allow it. */
const ownCredentials = new Set([
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreateServiceSpecificCredential',
  'iam:CreateVirtualMFADevice',
  'iam:EnableMFADevice',
  'iam:ResetServiceSpecificCredential',
  'iam:ResyncMFADevice',
  'iam:UpdateAccessKey',
  'iam:UpdateLoginProfile',
]);

/** What a principal can do that is sensitive, under conditions too; a user's care of its own credentials is not. */
export function sensitivePermissionsOf(record: PrincipalRecord): SensitivePermission[] {
  if (record.permissions.decisions.length === 0) return [];
  return sensitiveActions.flatMap(([action, category]) => {
    const ability = abilityOf(record, action);
    if (ability.kind !== 'able') return [];
    if (ownCredentials.has(action) && ability.resources?.every((arn) => isOwn(arn, action, record)) === true) return [];
    const isConditional = ability.conditions.length > 0;
    return [{ action, category, isConditional, isEverywhere: ability.resources === null }];
  });
}

/**
 * Policies as AWS's guide writes them keep a wildcard for the account: nobody reaches a user of another one. A device
 * under any name is nobody's until it is enabled for a user.
 */
function isOwn(arn: string, action: string, { arn: own, accountId, name }: PrincipalRecord): boolean {
  const [prefix, partition = 'aws', service, region, , ...resource] = own.split(':');
  return [accountId, '*'].some((account) => {
    const device = `arn:${partition}:iam::${account}:mfa/`;
    return (
      arn === [prefix, partition, service, region, account, ...resource].join(':') ||
      arn === `${device}${name}` ||
      (action === 'iam:CreateVirtualMFADevice' && arn === `${device}*`)
    );
  });
}
