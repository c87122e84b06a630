import pLimit from 'p-limit';
import { objects } from '../contract/objects.ts';
import type { Organization } from '../contract/organization.ts';
import type { RunSummary } from '../contract/run.ts';
import { reportedCalls } from '../cost/reported-calls.ts';
import type { Invocation, Services } from '../ports/services.ts';
import type { EarlierOrganization } from './carry-organization.ts';
import { readOrganization } from './read-organization.ts';

/** Many accounts share the same SCPs, so there are few objects; with SCPs of their own, one for each account. */
const WRITES_AT_ONCE = 16;

/**
 * Reads the organization and writes it to `organization.json`, and the documents of its SCPs beside it.
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
  const { organization, waits, serviceControl } = await readOrganization(
    session.organization,
    { clock, random, remainingMs },
    warn,
    before,
  );
  await store.write(objects.organization(runId), `${JSON.stringify(organization, null, 2)}\n`);
  const limit = pLimit(WRITES_AT_ONCE);
  await Promise.all(
    [...serviceControl].map(([hash, documents]) =>
      limit(() => store.write(objects.serviceControl(runId, hash), `${JSON.stringify(documents)}\n`)),
    ),
  );
  return { organization, calls: reportedCalls(session.calls.work(waits)) };
}
