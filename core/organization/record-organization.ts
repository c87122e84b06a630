import { objects } from '../contract/objects.ts';
import type { Organization } from '../contract/organization.ts';
import type { RunSummary } from '../contract/run.ts';
import { reportedCalls } from '../cost/reported-calls.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { EarlierOrganization } from './carry-organization.ts';
import { readOrganization } from './read-organization.ts';

/**
 * Reads the organization and writes it to `organization.json`.
 * @param before called only if a part of the organization can't be read
 * @returns the organization, and the calls that this needed
 */
export async function recordOrganization(
  runId: string,
  before: () => Promise<EarlierOrganization | null>,
  { access, store, clock, random, warn }: Services,
  { remainingMs }: Invocation,
): Promise<{ readonly organization: Organization; readonly calls: RunSummary['calls'] }> {
  const session = access.organization();
  const { organization, waits } = await readOrganization(
    session.organization,
    { clock, random, remainingMs },
    warn,
    before,
  );
  await store.write(objects.organization(runId), `${JSON.stringify(organization, null, 2)}\n`);
  return { organization, calls: reportedCalls(session.calls.work(waits)) };
}
