import type { PrincipalRecord } from '../../contract/evidence.ts';
import { catalogue } from '../../catalogue/catalogue.ts';
import { LruCache } from '../../streams/lru-cache.ts';
import { abilityOf, bitsWhere, powerOf, type Power } from './abilities.ts';

/** Categories of actions that are sensitive by themselves, not only as a step of an escalation path. */
export type SensitiveCategory = 'privilegeEscalation' | 'credentialExposure';

export interface SensitivePermission {
  readonly action: string;
  /** `privilegeEscalation` if the action has both categories. */
  readonly category: SensitiveCategory;
  readonly isConditional: boolean;
  /** Whether it is allowed on every resource. */
  readonly isEverywhere: boolean;
}

const sensitiveActions = catalogue.flatMap(({ action, categories }): [string, SensitiveCategory][] => {
  if (categories.includes('privilegeEscalation')) return [[action, 'privilegeEscalation']];
  return categories.includes('credentialExposure') ? [[action, 'credentialExposure']] : [];
});

/** On a user's own credentials and MFA devices these give no more access. AWS's example policies allow them. */
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

/**
 * Sensitive actions that a principal is allowed, also under conditions. Excludes a user's management of its own
 * credentials.
 */
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
 * What a principal can do, without a user's management of its own credentials: another principal that acts as the user
 * gains nothing by it.
 */
export function powerBesidesOwnCredentials(record: PrincipalRecord): Power {
  const { everywhere, somewhere } = powerOf(record);
  const own = bitsWhere(({ action }) => {
    if (!ownCredentials.has(action)) return false;
    const ability = abilityOf(record, action);
    return ability.kind === 'able' && ability.resources?.every((arn) => isOwn(arn, action, record)) === true;
  });
  const besides = somewhere & ~own;
  return powers.get(`${everywhere} ${besides}`, () => ({ everywhere, somewhere: besides }));
}

/** Principals that can do the same have the same object, so that it is compared with others once. */
const powers = new LruCache<Power>(10_000);

/**
 * Whether an ARN means only the user itself. AWS's example policies have a wildcard for the account; this is safe
 * because a user of another account can't be reached. A new virtual MFA device of any name belongs to no user until it
 * is enabled.
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
