import type { EmulatedAccount, PolicyDocument } from '../account.ts';
import type { AccountState, OrganizationSettings } from '../organization.ts';
import { allow, deny, policy } from './policies.ts';

const full = policy(allow('*'));
const keepsMembership = policy(deny('organizations:LeaveOrganization'));
const noIamUsers = policy(deny(['iam:CreateUser', 'iam:CreateAccessKey', 'iam:CreateLoginProfile']));
const noNetwork = policy(deny(['ec2:CreateVpcPeeringConnection', 'ec2:AttachInternetGateway']));

interface Unit {
  readonly names: readonly string[];
  /** The SCPs of each unit, besides FullAWSAccess. */
  readonly policies: readonly (readonly PolicyDocument[])[];
}

/** The units of the generated organization. Accounts are distributed over them in turn. */
const units: readonly Unit[] = [
  { names: ['Workloads', 'Production'], policies: [[keepsMembership], [noIamUsers]] },
  { names: ['Workloads', 'Development'], policies: [[keepsMembership], []] },
  { names: ['Security'], policies: [[keepsMembership]] },
  { names: ['Workloads', 'Production', 'Payments'], policies: [[keepsMembership], [noIamUsers], [noNetwork]] },
  { names: ['Sandbox'], policies: [[keepsMembership]] },
];

/** With fewer accounts, each of them is audited. */
const LEAST_FOR_SUSPENDED = 4;

/**
 * Puts generated accounts into an organization: the first is the management account, the others are in nested units with
 * SCPs, and the last one is suspended if there are at least four.
 * @returns the properties of the organization
 */
export function placeInOrganization(accounts: readonly EmulatedAccount[]): OrganizationSettings {
  const [management, ...members] = accounts;
  const states: Record<string, AccountState> = {};
  members.forEach((account, n) => {
    const { names, policies } = units[n % units.length] ?? { names: [], policies: [] };
    account.name = `${(names.at(-1) ?? 'account').toLowerCase()}-${Math.floor(n / units.length) + 1}`;
    account.unitNames = names;
    account.serviceControlPolicies = [[full], ...policies.map((own) => [full, ...own]), [full]];
  });
  const last = members.at(-1);
  if (last !== undefined && accounts.length >= LEAST_FOR_SUSPENDED) states[last.accountId] = 'SUSPENDED';
  if (management !== undefined) management.name = 'management';
  return { ...(management === undefined ? {} : { managementAccountId: management.accountId }), states };
}
