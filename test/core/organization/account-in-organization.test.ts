import { objects } from '../../../core/contract/objects.ts';
import type { Organization, OrganizationAccount } from '../../../core/contract/organization.ts';
import { accountInOrganization } from '../../../core/organization/account-in-organization.ts';
import { writeMemberGroups } from '../../../core/organization/member-groups.ts';
import { noServiceControl } from '../../../core/organization/service-control.ts';
import { writeRunContext } from '../../../core/run/run-context.ts';
import { FolderStore } from '../../../local/folder-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const RUN = '20261123T040000Z-1a2b3c';
const startedAt = '2026-11-23T04:00:00.000Z';
const [A, B, OUTSIDE] = ['111122223333', '111122223334', '999988887777'];

const account = (accountId: string, known: boolean): OrganizationAccount => ({
  ...{ accountId, name: null, state: 'ACTIVE', units: null, resourceControlPolicies: null },
  serviceControlPolicies: known ? noServiceControl : null,
});

function organizationOf(accounts: OrganizationAccount[] | null): Organization {
  return {
    ...{ schemaVersion: 1, readAt: startedAt, membership: 'member', organizationId: 'o-one', managementAccountId: A },
    ...{ accounts, problems: [] },
  };
}

/** As PlanRun stores it, or as an earlier version of PlanRun did. */
async function stored(organization: Organization, version: 'this' | 'earlier'): Promise<FolderStore> {
  const store = new FolderStore({ folder: temporaryFolder('organization') });
  await store.write(objects.organization(RUN), JSON.stringify(organization));
  if (version === 'earlier') return store;
  const memberGroups = await writeMemberGroups(store, RUN, organization);
  const { organizationId } = organization;
  await writeRunContext(store, RUN, { startedAt, principals: 'all', organizationId, memberGroups });
  return store;
}

describe.each(['this', 'earlier'] as const)('in a run that %s version planned', (version) => {
  test('a member knows its organization, its service control and the other members', async () => {
    const store = await stored(organizationOf([account(A, true), account(B, false)]), version);
    const own = await accountInOrganization(store, RUN, A);
    expect(own).toMatchObject({ organizationId: 'o-one', serviceControl: noServiceControl });
    expect(await own.members?.find(B)).toBeNull();
    expect(await own.members?.find(OUTSIDE)).toBeUndefined();
    expect(await accountInOrganization(store, RUN, B)).toMatchObject({ organizationId: 'o-one', serviceControl: null });
  });

  test('nothing is known about the organization of an account outside it', async () => {
    const store = await stored(organizationOf([account(A, true)]), version);
    const nothing = { organizationId: null, members: null, serviceControl: null };
    expect(await accountInOrganization(store, RUN, OUTSIDE)).toEqual(nothing);
  });

  test('without the list of accounts, an account is assumed to be in the hub’s organization', async () => {
    const store = await stored(organizationOf(null), version);
    const onlyId = { organizationId: 'o-one', members: null, serviceControl: null };
    expect(await accountInOrganization(store, RUN, OUTSIDE)).toEqual(onlyId);
  });
});
