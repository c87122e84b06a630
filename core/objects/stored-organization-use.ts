import * as v from 'valibot';
import { objects } from '../contract/objects.ts';
import {
  LatestOrganizationUse,
  OrganizationUseEnd,
  OrganizationUseLine,
  OrganizationUseSummary,
  type UnitUse,
} from '../contract/organization-use/organization-use.ts';
import { Organization } from '../contract/organization.ts';
import type { RunSummary } from '../contract/run.ts';
import type { ObjectStore, Warn } from '../ports/store.ts';
import { parseLine, readValue, unlessDamaged } from '../ports/stored-objects.ts';

const Named = v.object({ id: v.string() });

/** The line that ends an attempt's object begins like this. */
const END = '{"end":true';

export interface UseAttempts {
  /** The IDs of entities that have a line. */
  readonly ids: ReadonlySet<string>;
  readonly ends: readonly OrganizationUseEnd[];
}

/** The attempts of a run up to a number. @throws StoreError */
export async function readUseAttempts(store: ObjectStore, runId: string, last: number): Promise<UseAttempts> {
  const ids = new Set<string>();
  const ends: OrganizationUseEnd[] = [];
  for (let attempt = 1; attempt <= last; attempt += 1) {
    const key = objects.organizationUseAttempt(runId, attempt);
    if (!(await store.exists(key))) break;
    for await (const text of store.readLines(key)) {
      if (text.startsWith(END)) ends.push(parseLine(key, text, OrganizationUseEnd));
      else ids.add(parseLine(key, text, Named).id);
    }
  }
  return { ids, ends };
}

/** The results of a run's attempts. @throws StoreError */
export async function* attemptedUse(
  store: ObjectStore,
  runId: string,
  attempts: number,
): AsyncGenerator<OrganizationUseLine> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const key = objects.organizationUseAttempt(runId, attempt);
    for await (const text of store.readLines(key)) {
      if (!text.startsWith(END)) yield parseLine(key, text, OrganizationUseLine);
    }
  }
}

/** The last run that has a complete `organization-use.jsonl`; null if no run has one. @throws StoreError */
export async function latestUseRun(store: ObjectStore, warn: Warn): Promise<string | null> {
  const read = () => readValue(store, objects.latestOrganizationUse, LatestOrganizationUse);
  const latest = await unlessDamaged(read, null, (damage) => {
    warn(`${damage.message} All reports about the use of services are asked for again.`, damage);
  });
  if (latest === null) return null;
  return (await store.exists(objects.organizationUse(latest.runId))) ? latest.runId : null;
}

/** @throws StoreError */
export async function writeLatestUseRun(store: ObjectStore, runId: string): Promise<void> {
  await store.write(objects.latestOrganizationUse, `${JSON.stringify({ runId })}\n`);
}

/** Null if the step did not end. @throws StoreError */
export const readUseSummary = (store: ObjectStore, runId: string): Promise<OrganizationUseSummary | null> =>
  readValue(store, objects.organizationUseSummary(runId), OrganizationUseSummary);

/** The rows of the report's section about services; none if the run has no such data. @throws StoreError */
export async function unitUses(store: ObjectStore, { runId, organization }: RunSummary): Promise<readonly UnitUse[]> {
  if (organization?.use === undefined) return [];
  return (await readUseSummary(store, runId))?.units ?? [];
}

/** The organization as a run read it. @throws StoreError, Error if the run has none */
export async function readOrganizationOf(store: ObjectStore, runId: string): Promise<Organization> {
  const organization = await readValue(store, objects.organization(runId), Organization);
  if (organization === null) throw new Error(`Run ${runId} has no organization.json.`);
  return organization;
}
