import { AccessGraph } from '../access/graph/access-graph.ts';
import { ServiceControlDocuments } from '../contract/account-objects.ts';
import { objects } from '../contract/objects.ts';
import type { RunSummary } from '../contract/run.ts';
import { accountInOrganization, serviceControlDocuments } from '../organization/account-in-organization.ts';
import type { ObjectStore } from '../ports/store.ts';
import { readValue } from '../ports/stored-objects.ts';
import { namedServiceControl, readAccess } from './stored-access.ts';

/**
 * Who can become whom in an account, from a run's objects. Null if the run has no records or no policies of the account.
 * @throws StoreError, DamagedObject
 */
export async function readGraph(
  store: ObjectStore,
  { runId, startedAt }: Pick<RunSummary, 'runId' | 'startedAt'>,
  accountId: string,
): Promise<AccessGraph | null> {
  if (!(await store.exists(objects.principals(runId, accountId)))) return null;
  if (!(await store.exists(objects.policies(runId, accountId)))) return null;
  const { organizationId, serviceControl } = await accountInOrganization(store, runId, accountId);
  const documents =
    (await serviceControlDocuments(store, runId, serviceControl)) ??
    (await readValue(store, objects.scannedServiceControl(runId, accountId), ServiceControlDocuments));
  const { access } = await readAccess(store, runId, accountId, {
    now: Date.parse(startedAt),
    organization: { id: organizationId ?? 'unknown' },
    isManagementAccount: null,
    serviceControl: documents === null ? null : namedServiceControl(documents),
  });
  return new AccessGraph(access);
}
