import { DAY_MS } from '../ports/clock.ts';
import type { CarriedPart, Organization, OrganizationPart } from '../contract/organization.ts';

/** The code of a problem: AWS lists an account that is under no root. It may just have joined. */
export const NOT_IN_TREE = 'NotInTree';

/** The same maximum age as for carried evidence by default. Older data is not used. */
const MAX_AGE_MS = 7 * DAY_MS;

/** The organization as the last run stored it. */
export interface EarlierOrganization {
  readonly runId: string;
  readonly organization: Organization;
}

/**
 * Fills the parts that could not be read today with the last run's data. Without this, one failed read would change
 * trust findings and repeat all requests. Data of another organization, or of one that the hub has left, is not used.
 */
export function carryOrganization(
  today: Organization,
  { runId, organization: before }: EarlierOrganization,
  now: number,
): Organization {
  const isSame = today.organizationId === null || today.organizationId === before.organizationId;
  if (today.membership === 'none' || before.organizationId === null || !isSame) return today;
  const earlierPart = (part: OrganizationPart): CarriedPart | null => {
    const carried = before.carried?.find((one) => one.part === part);
    if (carried === undefined && isUnread(before, part)) return null;
    const earlier = carried ?? { part, asOf: before.readAt, carriedFrom: runId };
    return isUnread(today, part) && now - Date.parse(earlier.asOf) <= MAX_AGE_MS ? earlier : null;
  };

  const carried: CarriedPart[] = [];
  let { organizationId, managementAccountId, accounts } = today;
  const organization = earlierPart('organization');
  if (organization !== null) {
    ({ organizationId, managementAccountId } = before);
    carried.push(organization);
  }
  const listed = organizationId === null ? null : earlierPart('accounts');
  if (listed !== null && before.accounts !== null) {
    // No SCP ever applies to the management account, so its value stays.
    accounts = before.accounts.map((account) =>
      account.accountId === managementAccountId
        ? { ...account, units: null }
        : { ...account, units: null, serviceControlPolicies: null },
    );
    carried.push(listed);
  }
  const places = accounts === null ? null : earlierPart('units');
  if (places !== null && accounts !== null) {
    const earlierUnits = new Map(before.accounts?.map(({ accountId, units }) => [accountId, units]));
    accounts = accounts.map((account) => ({
      ...account,
      units: account.units ?? earlierUnits.get(account.accountId) ?? null,
    }));
    carried.push(places);
  }
  const control = accounts === null ? null : earlierPart('serviceControlPolicies');
  if (control !== null && accounts !== null) {
    const earlierControl = new Map(before.accounts?.map((one) => [one.accountId, one.serviceControlPolicies]));
    accounts = accounts.map(({ serviceControlPolicies, ...account }) => ({
      ...account,
      serviceControlPolicies: serviceControlPolicies ?? earlierControl.get(account.accountId) ?? null,
    }));
    carried.push(control);
  }
  return carried.length === 0 ? today : { ...today, organizationId, managementAccountId, accounts, carried };
}

/** A part counts as unread only if it could not be read for any account. */
function isUnread({ organizationId, accounts, problems }: Organization, part: OrganizationPart): boolean {
  const hasProblem = (name: OrganizationPart): boolean =>
    problems.some((one) => one.part === name && one.code !== NOT_IN_TREE);
  switch (part) {
    case 'organization':
      return organizationId === null;
    case 'accounts':
      return accounts === null;
    case 'units':
      return accounts === null || accounts.every(({ units }) => units === null);
    case 'resourceControlPolicies':
      return accounts === null || hasProblem('units') || hasProblem(part);
    case 'serviceControlPolicies':
      return accounts === null || hasProblem('units') || hasProblem(part);
  }
}

const names: Readonly<Record<OrganizationPart, string>> = {
  organization: 'The organization ID is',
  accounts: 'The list of accounts is',
  units: 'The units of the accounts are',
  serviceControlPolicies: 'The service control policy data is',
  resourceControlPolicies: 'The resource control policy data is',
};

export const describeCarried = (carried: readonly CarriedPart[]): string =>
  carried.map(({ part, asOf, carriedFrom }) => `${names[part]} from run ${carriedFrom}, read at ${asOf}.`).join(' ');
