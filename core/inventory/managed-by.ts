import { DAY_MS } from '../ports/clock.ts';
import type { ManagedBy, PrincipalIdentity } from '../contract/evidence.ts';
import { managerNames } from '../wording/manager-names.ts';

/** Only AWS can create roles under this path (IAM User Guide, "Service-linked roles"). */
const SERVICE_LINKED = '/aws-service-role/';
/** IAM Identity Center creates roles for permission sets under this path, in some Regions one level deeper. */
const IDENTITY_CENTER = '/aws-reserved/sso.amazonaws.com/';

/**
 * Roles that AWS Control Tower keeps in every account (AWS Control Tower User Guide, "How AWS Control Tower works with
 * roles"). Its controls deny changes to them.
 */
const CONTROL_TOWER = /^(?:AWSControlTower|aws-controltower-)/;
/** CloudFormation creates this role in each target account of a service-managed StackSet. */
const STACK_SETS = /^stacksets-exec-[0-9a-f]+$/;
const PERMISSION_SET = /^AWSReservedSSO_/;

/**
 * What manages a principal. Null: the account itself. Paths are reserved, names are not, so a role with such a name is
 * still reported if strangers may assume it. Not here: OrganizationAccountAccessRole, and
 * AWSCloudFormationStackSetExecutionRole of self-managed StackSets. The account creates or may change these.
 */
export function managedBy({
  type,
  path,
  name = '',
}: Pick<PrincipalIdentity, 'type' | 'path'> & { readonly name?: string }): ManagedBy | null {
  if (type !== 'role') return null;
  if (path.startsWith(SERVICE_LINKED)) return 'service';
  if (path.startsWith(IDENTITY_CENTER) || PERMISSION_SET.test(name)) return 'identityCenter';
  if (CONTROL_TOWER.test(name)) return 'controlTower';
  return STACK_SETS.test(name) ? 'stackSets' : null;
}

const whereToChange: Readonly<Record<ManagedBy, string>> = {
  service: 'Only the service can change it.',
  identityCenter: 'Change its permission set there.',
  controlTower: 'Only the organization’s management account can change it, through AWS Control Tower.',
  stackSets: 'Only the account that administers the StackSet can change it, through the StackSet.',
};

/** Sentences for a finding's detail, none for a principal of the account itself. */
export const describeManager = ({ managedBy: manager }: { readonly managedBy: ManagedBy | null }): string[] =>
  manager === null ? [] : [`It is managed by ${managerNames[manager]}. ${whereToChange[manager]}`];

/**
 * Whether a finding may call a principal unused or recommend its removal. The account must manage the
 * principal, and the principal must be old enough to have been used.
 * @param graceDays minimum age in days
 * @param now milliseconds since the epoch
 */
export const canBeRemoved = (
  principal: { readonly managedBy: ManagedBy | null; readonly createdAt: string },
  graceDays: number,
  now: number,
): boolean => principal.managedBy === null && now - Date.parse(principal.createdAt) >= graceDays * DAY_MS;
