import { DAY_MS } from '../ports/clock.ts';
import type { CarriedPart, Organization, OrganizationPart } from '../contract/organization.ts';

/** As long as evidence is carried by default: what has not been read for longer is not known. */
const LONGEST_MS = 7 * DAY_MS;

/** What the last run knew of the organization. */
export interface EarlierOrganization {
  readonly runId: string;
  readonly organization: Organization;
}

/**
 * Fills the parts that could not be read with what the last run knew, so that one bad day neither turns trust round nor
 * has everything asked again. Never of another organization, nor of one that the hub has left.
 */
export function carryOrganization(
  today: Organization,
  { runId, organization: before }: EarlierOrganization,
  now: number,
): Organization {
  const isSame = today.organizationId === null || today.organizationId === before.organizationId;
  if (today.membership === 'none' || before.organizationId === null || !isSame) return today;
  const fromBefore = (part: OrganizationPart): CarriedPart | null => {
    const carried = before.carried?.find((one) => one.part === part);
    if (carried === undefined && isUnread(before, part)) return null;
    const known = carried ?? { part, asOf: before.readAt, carriedFrom: runId };
    return isUnread(today, part) && now - Date.parse(known.asOf) <= LONGEST_MS ? known : null;
  };

  const carried: CarriedPart[] = [];
  let { organizationId, managementAccountId, accounts } = today;
  const organization = fromBefore('organization');
  if (organization !== null) {
    ({ organizationId, managementAccountId } = before);
    carried.push(organization);
  }
  const listed = organizationId === null ? null : fromBefore('accounts');
  if (listed !== null && before.accounts !== null) {
    // What holds of the management account holds always.
    accounts = before.accounts.map((account) =>
      account.accountId === managementAccountId ? account : { ...account, serviceControlPolicies: null },
    );
    carried.push(listed);
  }
  const control = accounts === null ? null : fromBefore('serviceControlPolicies');
  if (control !== null && accounts !== null) {
    const known = new Map(before.accounts?.map((one) => [one.accountId, one.serviceControlPolicies]));
    accounts = accounts.map(({ serviceControlPolicies, ...account }) => ({
      ...account,
      serviceControlPolicies: serviceControlPolicies ?? known.get(account.accountId) ?? null,
    }));
    carried.push(control);
  }
  return carried.length === 0 ? today : { ...today, organizationId, managementAccountId, accounts, carried };
}

/** Of the SCPs: none at all. An account that is not found in the tree was looked for, and may just have joined. */
function isUnread({ organizationId, accounts, problems }: Organization, part: OrganizationPart): boolean {
  switch (part) {
    case 'organization':
      return organizationId === null;
    case 'accounts':
      return accounts === null;
    case 'serviceControlPolicies':
      return accounts === null || problems.some((one) => one.part === part && one.code !== 'NotInTree');
  }
}

const names: Readonly<Record<OrganizationPart, string>> = {
  organization: 'Its id is',
  accounts: 'Its accounts are',
  serviceControlPolicies: 'Its service control policies are',
};

export const describeCarried = (carried: readonly CarriedPart[]): string =>
  carried
    .map(({ part, asOf, carriedFrom }) => `${names[part]} taken as run ${carriedFrom} read them at ${asOf}.`)
    .join(' ');
